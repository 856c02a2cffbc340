<?php
// Calls the service of gateway.kdl by its WSDL with PHP's SoapClient: prints what came back as one JSON object a line.

/** As text, but for what holds others, true and false; what is not there is left out. */
function plain(mixed $value): mixed
{
    if (is_array($value)) {
        return array_map(plain(...), $value);
    }
    if (is_object($value)) {
        $members = array_filter(get_object_vars($value), fn ($item) => $item !== null && $item !== []);
        return (object) array_map(plain(...), $members);
    }
    return is_bool($value) || is_null($value) ? $value : (string) $value;
}

function order(string $country, string $price): array
{
    return ['Order' => [
        'id' => 'A-1001',
        'express' => true,
        'Placed' => '2026-11-20T08:00:00.123456Z',
        'Customer' => ['Name' => 'Ada & Söhne <東京>', 'Country' => $country, 'Note' => null],
        'Line' => [
            ['position' => 1, 'Sku' => 'ABC-1', 'Quantity' => 2, 'Price' => $price, 'Tag' => ['fragile', 'a  b']],
            ['position' => 2, 'Sku' => 'XYZ-22', 'Quantity' => 1, 'Price' => '0.10', 'Tag' => ['one']],
        ],
    ]];
}

function local(string $name): string
{
    return substr(strrchr(":$name", ':'), 1);
}

function fault_of(SoapFault $fault): array
{
    return [
        'code' => local($fault->faultcode),
        'reason' => $fault->getMessage(),
        'detail' => plain($fault->detail),
    ];
}

$articles = [['Sku' => 'ABC-1', 'Wanted' => 7], ['Sku' => 'XYZ-22', 'Wanted' => 700]];
$stock = fn (array $list) => fn ($client) => $client->queryStock(['StockList' => $list])->StockResponseList->Stock ?? [];
$create = fn (array $order) => fn ($client) => $client->createOrder($order)->Receipt;
$reserve = fn (int $wanted) => function ($client) use ($wanted) {
    $session = new SoapHeader('urn:example:clients:header', 'Session', ['User' => 'Ada & Söhne']);
    $request = ['Article' => ['Sku' => 'ABC-1', 'Wanted' => $wanted]];
    $answer = $client->__soapCall('reserveStock', [$request], [], $session, $headers);
    $answer->Limits = $headers['Limits'];
    return $answer;
};
$cases = [
    'order' => $create(order('DE', '1234567890123456.123456789')),
    'fault' => $create(order('FR', '1')),
    'invalid' => $create(order('DE', '-1')),
    'list' => $stock(['Article' => $articles]),
    'none' => $stock([]),
    'count' => fn ($client) => $client->getCount()->Count,
    'bare' => fn ($client) => $client->placeOrder(order('DE', '1234567890123456.123456789')['Order']),
    'header' => $reserve(7),
    'declared' => $reserve(700),
    'oneway' => fn ($client) => $client->deleteStock(['Article' => $articles[0]]),
];

foreach (['1.1' => SOAP_1_1, '1.2' => SOAP_1_2] as $version => $number) {
    $client = new SoapClient($argv[1], [
        'soap_version' => $number,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'exceptions' => true,
    ]);
    foreach ($cases as $case => $call) {
        try {
            $line = ['answer' => plain($call($client))];
        } catch (SoapFault $fault) {
            $line = ['fault' => fault_of($fault)];
        }
        $flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR;
        echo json_encode(['version' => $version, 'case' => $case, ...$line], $flags), "\n";
    }
}
