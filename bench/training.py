#!/usr/bin/env python3
"""What a release is trained on: python3 bench/training.py BINARY.

BINARY counts what of it runs (script/build --train builds it so). It serves bench/gateway.kdl to a closed loop of connections: SOAP
in three spellings, JSON narrow and wide, calls over SOAP and HTTP to a backend here, scripts, and requests that are
refused; then it maps files of many records. Every answer's status is checked, so that nothing else is trained than is meant.
"""
import json
import os
import re
import selectors
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS = 16
NAMESPACE = "urn:example:order:v1"
HEADS = [
    ("OrderId", "ORD-1%07d"), ("OrderDate", "2026-01-%02d"), ("CustomerId", "C-%05d"), ("CustomerName", "Kühn &amp; Söhne %d"),
    ("Street", "%d Rue de l'Été"), ("City", "Lyon %d"), ("Zip", "69%03d"), ("Country", "FR"), ("Currency", "EUR"),
]
LINE = [("LineNo", "%d"), ("Sku", "AB-%05d"), ("Qty", "%d"), ("Price", "%d.05")]
PARTS = ["reference", "placedOn", ("buyer", "id"), ("buyer", "name"), ("shipTo", "line1"), ("shipTo", "town"),
         ("shipTo", "postCode"), ("shipTo", "countryCode"), "currencyCode"]


def filled(fields, number):
    return [(name, text % number if "%" in text else text) for name, text in fields]


def order(number, lines=10):
    """The texts of an order, as XML escapes them: its head, and one list for each line."""
    return filled(HEADS, number % 28 + 1), [filled(LINE, number % 90 * 10 + at) for at in range(1, lines + 1)]


def order_xml(number, prefix="ord:", name="PlaceOrder", indent=""):
    """One order, with a prefix or in the default namespace, in one line or indented."""
    head, lines = order(number)
    tag = lambda pair: "%s<%s%s>%s</%s%s>" % (indent, prefix, pair[0], pair[1], prefix, pair[0])
    line = lambda fields: "%s<%sLine>%s%s</%sLine>" % (indent, prefix, "".join(map(tag, fields)), indent, prefix)
    declared = 'xmlns%s="%s"' % (prefix and ":" + prefix[:-1], NAMESPACE)
    inner = "".join(map(tag, head)) + "".join(map(line, lines))
    return "<%s%s %s>%s%s</%s%s>" % (prefix, name, declared, inner, indent, prefix, name)


def envelope(body, prefix="soapenv"):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<{0}:Envelope xmlns:{0}="http://schemas.xmlsoap.org/soap/envelope/">'
            "<{0}:Header/><{0}:Body>{1}</{0}:Body></{0}:Envelope>").format(prefix, body)


def order_json(number, indent=None):
    """The same as REST clients send it."""
    head, lines = order(number)
    made = {}
    for part, (_, text) in zip(PARTS, head):
        place, name = (made.setdefault(part[0], {}), part[1]) if isinstance(part, tuple) else (made, part)
        place[name] = text.replace("&amp;", "&")
    made["items"] = [{"pos": int(n), "article": sku, "count": int(q), "unitPrice": p} for n, sku, q, p in
                     ([text for _, text in fields] for fields in lines)]
    separators = None if indent else (",", ":")
    return json.dumps(made, ensure_ascii=False, indent=indent, separators=separators)


def fulfilment():
    """What the backend answers to an order."""
    items = "".join("<Item><Pos>%d</Pos><Article>AB-%05d</Article><Count>%d</Count><UnitPrice>%d.05</UnitPrice></Item>"
                    % (n, n, n * 7, n * 81) for n in range(1, 11))
    return envelope('<FulfilOrder xmlns="urn:example:fulfil:v2"><Reference>ORD-10000000</Reference><PlacedOn>2026-01-01</PlacedOn>'
                    "<Buyer><Id>C-04000</Id><Name>Kühn &amp; Söhne GmbH</Name></Buyer><ShipTo><Line1>12 Rue de l'Été</Line1>"
                    "<Town>Lyon</Town><PostCode>69001</PostCode><CountryCode>FR</CountryCode></ShipTo>"
                    "<CurrencyCode>EUR</CurrencyCode><Items>%s</Items></FulfilOrder>" % items, "soap")


def message(first, fields, body):
    body = body.encode()
    lines = [first, *("%s: %s" % field for field in fields), "Content-Length: %d" % len(body)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post(path, kind, bodies, *fields):
    fields = (("Host", "localhost"), ("Content-Type", kind), *fields)
    return [message("POST %s HTTP/1.1" % path, fields, body) for body in bodies]


def taken(buffer):
    """The length of the message that a buffer begins with; 0 if it is not whole."""
    head = buffer.find(b"\r\n\r\n") + 4
    if head < 4:
        return 0
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", buffer[:head])
    whole = head + int(length[1] if length else 0)
    return whole if len(buffer) >= whole else 0


class Backend(socketserver.StreamRequestHandler):
    ANSWER = message("HTTP/1.1 200 OK", [("Content-Type", "text/xml; charset=utf-8")], fulfilment())

    def handle(self):
        buffer = b""
        while piece := self.request.recv(65536):
            buffer += piece
            while length := taken(buffer):
                buffer = buffer[length:]
                self.request.sendall(self.ANSWER)


class Backends(socketserver.ThreadingTCPServer):
    daemon_threads = True


def load(port, requests, count, status):
    """Sends `count` requests over all connections, each with one under way; every answer must have that status."""
    left, selector, wanted = count, selectors.DefaultSelector(), b"HTTP/1.1 %d " % status
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        state = selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(requests[left % len(requests)])
        left -= 1
    while selector.get_map():
        for state, _ in selector.select(30) or sys.exit("training: no answer within 30 s"):
            buffer = state.data
            piece = state.fileobj.recv(65536) or sys.exit("training: the gateway closed a connection")
            buffer += piece
            if not (length := taken(buffer)):
                continue
            if not buffer.startswith(wanted):
                sys.exit("training: expected %d, got: %s" % (status, bytes(buffer[:600]).decode(errors="replace")))
            del buffer[:length]
            if left > 0:
                state.fileobj.sendall(requests[left % len(requests)])
                left -= 1
            else:
                selector.unregister(state.fileobj)
                state.fileobj.close()


def serve(binary, folder):
    """Runs the gateway on one worker, and all kinds of requests on it."""
    backend = Backends(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    overlay = os.path.join(folder, "training.kdl")
    with open(overlay, "w", encoding="utf-8") as file:
        file.write('listener bench bind="127.0.0.1:0"\nserver backend url="http://127.0.0.1:%d"\n' % backend.server_address[1])
    command = [binary, "run", "--workers", "1", os.path.join(HERE, "gateway.kdl"), "--with", overlay]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)", server.stderr.readline())[1])
        threading.Thread(target=server.stderr.read, daemon=True).start()
        requests(port)
        server.send_signal(signal.SIGTERM)
        if server.wait(30):
            sys.exit("training: the gateway ended with %d" % server.returncode)
    finally:
        server.kill()


def requests(port):
    xml, every, action = "text/xml; charset=utf-8", range(28), ("SOAPAction", '"%s/PlaceOrder"' % NAMESPACE)
    soap = [envelope(order_xml(n)) for n in every] + [envelope(order_xml(n, "")) for n in every[:10]]
    soap += [envelope(order_xml(n, "o:", indent="\n      "), "s") for n in every[:10]]
    rest = [order_json(n) for n in every] + [order_json(n, 2) for n in every[:8]]
    get = ["GET /orders/ORD-1000%04d HTTP/1.1\r\nHost: localhost\r\n\r\n" % n for n in every]
    load(port, post("/order", xml, soap, action), 20000, 200)
    load(port, post("/orders", "application/json", rest), 20000, 200)
    load(port, [text.encode() for text in get], 10000, 200)
    load(port, post("/pass", xml, soap, action), 40000, 200)
    load(port, post("/priced", "application/xml", [order_xml(n) for n in every]), 10000, 200)
    load(port, post("/orders", "application/json", [text.replace('"items"', '"things"') for text in rest]), 500, 422)
    load(port, post("/order", xml, [text.replace("ord:Zip", "ord:Zap") for text in soap[:28]], action), 500, 500)


def map_files(binary, folder):
    """Files of many records: XML to JSON, and XML, JSON and CSV to CSV."""
    name = lambda ending: os.path.join(folder, "orders." + ending)
    with open(name("xml"), "w", encoding="utf-8") as file:
        orders = "\n".join(order_xml(n, "", "Order") for n in range(400))
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<Orders xmlns="%s">\n%s\n</Orders>\n' % (NAMESPACE, orders))
    for number, (which, source, split, target) in enumerate((
        ("to-json", "xml", "Orders/Order", "lines"), ("lines", "xml", "Orders/Order", "csv"),
        ("lines-json", "json", "$[*]", "from-json"), ("lines-csv", "csv", "row", "from-csv"),
    )):
        if source == "json":
            with open(name("lines"), "rb") as lines, open(name("json"), "wb") as file:
                file.write(b"[%s]" % b",".join(lines))
        command = [binary, "map", which, name(source), "--config", os.path.join(HERE, "w4.kdl"), "--split", split]
        subprocess.run([*command, "--output", name(target)], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="soapstone-training-") as made:
        serve(sys.argv[1], made)
        map_files(sys.argv[1], made)
