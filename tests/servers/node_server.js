// The order service by the server of npm's soap: `node node_server.js [PORT]` prints `ready PORT` and ends when its
// standard input closes. /wrapped, /wrapped12, /bare, /rpc, /rpc-own. NODE_CLIENTS is the folder of the modules.
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');
const soap = require(path.join(process.env.NODE_CLIENTS, 'soap'));

let notified = 0;

// By itself this server writes xsi:nil without saying what xsi is.
const NIL = { 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', 'xsi:nil': 'true' };

const list = (value) => (value === undefined ? [] : [].concat(value));

// A value that is text in a document of one style and an element with attributes in another.
const text = (value) => (value !== null && typeof value === 'object' && '$value' in value ? value.$value : value);

const money = (cents) => (cents / 100).toFixed(2);

function receipt(order) {
    const cents = (line) => text(line.Quantity) * Math.round(text(line.Price) * 100);
    const lines = list(order.Line);
    const made = {
        Number: text(order.Number),
        Placed: new Date(text(order.Placed)).toISOString(),
        Total: money(lines.reduce((sum, line) => sum + cents(line), 0)),
        Item: lines.map((line) => ({ Sku: text(line.Sku), Amount: money(cents(line)) })),
    };
    if (order.Note !== undefined) made.Note = text(order.Note);
    const discount = text(order.Discount);
    made.Discount = ['number', 'string'].includes(typeof discount) ? discount : { attributes: NIL };
    return made;
}

// Elements as text where this server has another form than the contract.
function element(name, value) {
    if (Array.isArray(value)) return value.map((one) => element(name, one)).join('');
    if (value.attributes === NIL) return `<${name} xmlns:xsi="${NIL['xmlns:xsi']}" xsi:nil="true"/>`;
    const escaped = (some) => String(some).replace(/&/g, '&amp;').replace(/</g, '&lt;');
    return `<${name}>${typeof value === 'object' ? children(value, 'tns:') : escaped(value)}</${name}>`;
}

const children = (value, prefix) => Object.keys(value).map((name) => element(prefix + name, value[name])).join('');

// A fault in the form of the version; without a status it is sent with 200, as this server does by itself.
function fault(twelve, who, reason, detail, statusCode) {
    if (!twelve) return { Fault: { faultcode: `soap:${who}`, faultstring: reason, detail, statusCode } };
    const code = who === 'Client' ? 'Sender' : 'Receiver';
    const text = { attributes: { 'xml:lang': 'en' }, $value: reason };
    const Detail = detail && { $xml: children(detail, 'tns:') };
    return { Fault: { Code: { Value: `soap:${code}` }, Reason: { Text: text }, Detail, statusCode } };
}

// The operations; bare messages are the value itself where the others hold it by its name.
function operations(bare, twelve) {
    const of = (body, name) => text(bare ? body : body[name]);
    const to = (name, value) => (bare ? value : { [name]: value });
    return {
        PlaceOrder: (body) => to('Receipt', receipt(of(body, 'Order'))),
        FailOrder(body) {
            const sku = text(body.Sku);
            const attributes = { xmlns: 'urn:example:orders' };
            const detail = { OutOfStock: { ...(twelve ? {} : { attributes }), Sku: sku, Available: 3 } };
            throw fault(twelve, 'Server', `Only 3 of ${sku} are left.`, detail);
        },
        Crash(body) {
            throw fault(twelve, 'Server', of(body, 'Why'), undefined, 500);
        },
        Session(body, callback, headers) {
            const id = headers && headers.Session && text(headers.Session.Id);
            if (!id) throw fault(twelve, 'Client', 'The header Session is missing.', undefined, 500);
            return { Id: id, Available: 7 };
        },
        Notify() {
            notified += 1;
        },
        Notified: () => to('Count', notified),
        Attach: (body) => ({ Size: Buffer.from(text(body.Data), 'base64').length, Data: text(body.Data) }),
    };
}

// Parts without a namespace and what is in them with it, as rpc.wsdl says; by itself this server has it the other way round.
function conforming(operations) {
    const wrap = ([name, run]) => [name, (...all) => {
        const answer = run(...all);
        return answer && { $xml: children(answer, '') };
    }];
    return Object.fromEntries(Object.entries(operations).map(wrap));
}

const server = http.createServer((request, response) => {
    response.statusCode = 404;
    response.end();
});
server.listen(Number(process.argv[2] || 0), '127.0.0.1', () => {
    for (const name of ['wrapped', 'wrapped12', 'bare', 'rpc', 'rpc-own']) {
        const twelve = name === 'wrapped12';
        const xml = fs.readFileSync(path.join(__dirname, `${/[a-z]+/.exec(name)}.wsdl`), 'utf8');
        const own = operations(name === 'bare', twelve);
        const port = name === 'rpc' ? conforming(own) : own;
        const services = { Orders: { OrdersPort: port, OrdersPort12: port } };
        const options = { path: `/${name}`, services, xml, forceSoap12Headers: twelve };
        const limits = (method) => (method === 'Session' ? { Limits: { Left: 9 } } : '');
        soap.listen(server, options).addSoapHeader(limits, '', 'head', 'urn:example:orders:header');
    }
    console.log(`ready ${server.address().port}`);
});
process.stdin.resume().on('end', () => process.exit(0));
