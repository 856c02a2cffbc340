<?php
// The order service by PHP's SoapServer: `php php_server.php [PORT]` starts `php -S` with this file as its router, prints
// `ready PORT`, and ends when its standard input closes. /wrapped (both versions of SOAP), /bare, /rpc, /encoded.
declare(strict_types=1);

if (PHP_SAPI === 'cli') {
    launch((int) ($argv[1] ?? 0));
} else {
    serve();
}

/** A port that is free now; another program may take it before `php -S` does, which cannot choose one itself. */
function free_port(): int
{
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    $name = stream_socket_get_name($socket, false);
    fclose($socket);
    return (int) substr($name, strrpos($name, ':') + 1);
}

function launch(int $wanted): void
{
    $notes = tempnam(sys_get_temp_dir(), 'orders');
    for ($try = 0; $try < 10; $try++) {
        $port = $wanted ?: free_port();
        $command = [PHP_BINARY, '-d', 'soap.wsdl_cache_enabled=0', '-S', "127.0.0.1:$port", __FILE__];
        $files = [0 => ['file', '/dev/null', 'r'], 1 => ['file', '/dev/null', 'w'], 2 => ['pipe', 'w']];
        $server = proc_open($command, $files, $pipes, null, ['ORDERS_NOTES' => $notes]);
        $said = '';
        while (($line = fgets($pipes[2])) !== false) {
            $said .= $line;
            if (str_contains($line, ' started')) {
                echo "ready $port\n";
                wait_for_the_end($pipes[2]);
                proc_terminate($server, SIGKILL);
                unlink($notes);
                return;
            }
        }
        proc_close($server);
    }
    unlink($notes);
    fwrite(STDERR, $said);
    exit(1);
}

/** Reads what the server says of its requests, so that it never waits for us, until our input closes. */
function wait_for_the_end($said): void
{
    while (true) {
        $ready = array_filter([STDIN, $said], fn ($stream) => !feof($stream));
        $none = null;
        if (count($ready) < 2 || !stream_select($ready, $none, $none, null)) {
            return;
        }
        foreach ($ready as $stream) {
            fread($stream, 65536);
        }
    }
}

function serve(): void
{
    $style = ltrim(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
    $wsdl = __DIR__ . "/$style.wsdl";
    if (!in_array($style, ['wrapped', 'bare', 'rpc', 'encoded'], true)) {
        http_response_code(404);
        return;
    }
    $twelve = str_contains($_SERVER['CONTENT_TYPE'] ?? '', 'application/soap+xml');
    $server = new SoapServer($wsdl, [
        'soap_version' => $twelve ? SOAP_1_2 : SOAP_1_1,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
    $server->setObject(new Orders($style, $server));
    $server->handle();
}

/** The operations in every style; what comes in and goes out differs only in how it is wrapped. */
class Orders
{
    private ?string $session = null;

    public function __construct(private string $style, private SoapServer $server)
    {
    }

    public function PlaceOrder(mixed ...$in): mixed
    {
        [$order] = $this->in($in, 'Order');
        $encoded = $this->style === 'encoded';
        $items = [];
        $tags = [];
        $total = 0;
        foreach ($encoded ? $order->Lines : $order->Line as $line) {
            $cents = $line->Quantity * (int) round((float) $line->Price * 100);
            $total += $cents;
            $items[] = (object) ['Sku' => $line->Sku, 'Amount' => self::money($cents)];
            array_push($tags, ...($encoded ? $line->Tags ?? [] : $line->Tag ?? []));
        }
        $receipt = (object) ['Number' => $order->Number, 'Placed' => $order->Placed, 'Total' => self::money($total)];
        if ($encoded) {
            // One object in two places: the second is a reference to the first.
            $receipt->Customer = $order->Customer;
            $receipt->Payer = $order->Customer;
            $receipt->Items = $items;
            $receipt->Tags = $tags;
        } else {
            $receipt->Item = $items;
        }
        if (isset($order->Note)) {
            $receipt->Note = $order->Note;
        }
        $receipt->Discount = $order->Discount;
        return $this->out(['Receipt' => $receipt], true);
    }

    public function FailOrder(mixed ...$in): mixed
    {
        [$sku, $quantity] = $this->in($in, 'Sku', 'Quantity');
        $detail = (object) ['Sku' => $sku, 'Available' => 3];
        throw new SoapFault('Server', "Only 3 of $sku are left.", null, $detail, 'OutOfStock');
    }

    public function Crash(mixed ...$in): mixed
    {
        [$why] = $this->in($in, 'Why');
        throw new SoapFault('Server', $why);
    }

    /** The operation, and the header block of the same name, which SoapServer gives to the same method, before it. */
    public function Session(mixed ...$in): mixed
    {
        if ($this->session === null) {
            $this->session = self::header();
            if ($this->session !== '') {
                return null;
            }
            throw new SoapFault('Client', 'The header Session is missing.');
        }
        $limits = (object) ['Left' => 9];
        $this->server->addSoapHeader(new SoapHeader('urn:example:orders:header', 'Limits', $limits));
        return $this->out(['Id' => $this->session, 'Available' => 7], false);
    }

    public function Notify(mixed ...$in): void
    {
        [$number] = $this->in($in, 'Number');
        file_put_contents(getenv('ORDERS_NOTES'), "$number\n", FILE_APPEND);
    }

    public function Notified(mixed ...$in): mixed
    {
        return $this->out(['Count' => count(file(getenv('ORDERS_NOTES')))], true);
    }

    public function Attach(mixed ...$in): mixed
    {
        [, $data] = $this->in($in, 'Name', 'Data');
        return $this->out(['Size' => strlen($data), 'Data' => $data], false);
    }

    /** The values of a message by their names. */
    private function in(array $in, string ...$names): array
    {
        $whole = $this->style === 'bare' && count($names) === 1;
        if ($whole || in_array($this->style, ['rpc', 'encoded'], true)) {
            return $in;
        }
        return array_map(fn ($name) => $in[0]->$name, $names);
    }

    private function out(array $values, bool $alone): mixed
    {
        return $alone && $this->style !== 'wrapped' ? reset($values) : $values;
    }

    /** The session of the request, or nothing; SoapServer reads headers by the parts of the operation of their name. */
    private static function header(): string
    {
        $pattern = '~<(?:\w+:)?Session\b[^>]*>\s*<(?:\w+:)?Id\b[^>]*>([^<]*)<~';
        $found = preg_match($pattern, file_get_contents('php://input'), $parts);
        return $found ? html_entity_decode($parts[1], ENT_XML1) : '';
    }

    private static function money(int $cents): string
    {
        return sprintf('%d.%02d', intdiv($cents, 100), $cents % 100);
    }
}
