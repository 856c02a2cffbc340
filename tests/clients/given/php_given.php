<?php
// Calls the two ports of the given contract with PHP's SoapClient: one JSON object a line.

function show(string $case, mixed $answer): void
{
    echo json_encode(['case' => $case, 'answer' => $answer], JSON_THROW_ON_ERROR), "\n";
}

$options = ['cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS];
$documents = new SoapClient($argv[1], $options);
show('document', $documents->Check(['Sku' => ['ABC-1', 'XYZ-22']])->Item);
try {
    $documents->Check(['Sku' => ['none']]);
} catch (SoapFault $fault) {
    show('fault', $fault->getMessage());
}
$calls = new SoapClient($argv[2], $options);
show('rpc', $calls->Count('north', 3));
