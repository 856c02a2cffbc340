"""Calls the service of gateway.kdl by its WSDL with suds, which speaks SOAP 1.1: one JSON object a line."""
import datetime
import decimal
import json
import sys

from suds import WebFault, null
from suds.client import Client
from suds.plugin import MessagePlugin
from suds.sudsobject import Object



class Headers(MessagePlugin):
    """Notes the header of each answer, which suds itself does not give."""

    def parsed(self, context):
        self.blocks = context.reply and context.reply.childAtPath("Envelope/Header")


headers = Headers()
client = Client(sys.argv[1], cache=None, plugins=[headers])
# suds takes the content of every body's element for parameters, unless it is told not to.
bare = Client(sys.argv[1], cache=None, unwrap=False)


def plain(value):
    """As text, but for what holds others, true and false; what is not there is left out."""
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Object):
        # suds marks attributes with an underscore; its own members have two.
        members = ((name.lstrip("_"), item) for name, item in value if not name.startswith("__"))
        return {name: plain(item) for name, item in members if item is not None}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    return str(value)


def order(country, price):
    return {
        "_id": "A-1001",
        "_express": True,
        "Placed": datetime.datetime(2026, 11, 20, 8, 0, 0, 123456, datetime.timezone.utc),
        "Customer": {"Name": "Ada & Söhne <東京>", "Country": country, "Note": null()},
        "Line": [
            {
                "_position": 1,
                "Sku": "ABC-1",
                "Quantity": 2,
                "Price": decimal.Decimal(price),
                "Tag": ["fragile", "a  b"],
            },
            {"_position": 2, "Sku": "XYZ-22", "Quantity": 1, "Price": decimal.Decimal("0.10"), "Tag": ["one"]},
        ],
    }


def stock(**articles):
    # An empty list comes as an empty text.
    return getattr(client.service.queryStock(articles), "Stock", [])


def reserve(wanted):
    session = client.factory.create("{urn:example:clients:header}Session")
    session.User = "Ada & Söhne"
    client.set_options(soapheaders=session)
    try:
        return client.service.reserveStock({"Sku": "ABC-1", "Wanted": wanted})
    finally:
        client.set_options(soapheaders=())


def reserved(answer):
    block = headers.blocks.getChild("Limits")
    limits = {child.name: child.getText() for child in block.children}
    return {"Stock": answer, "Limits": {**limits, **{item.name: str(item.value) for item in block.attributes}}}


def articles():
    return {"Article": [{"Sku": "ABC-1", "Wanted": 7}, {"Sku": "XYZ-22", "Wanted": 700}]}


CASES = [
    ("order", lambda: client.service.createOrder(order("DE", "1234567890123456.123456789"))),
    ("fault", lambda: client.service.createOrder(order("FR", "1"))),
    ("invalid", lambda: client.service.createOrder(order("DE", "-1"))),
    ("list", lambda: stock(**articles())),
    ("none", lambda: stock()),
    ("count", lambda: client.service.getCount()),
    ("bare", lambda: bare.service.placeOrder(order("DE", "1234567890123456.123456789"))),
    ("header", lambda: reserved(reserve(7))),
    ("declared", lambda: reserve(700)),
    ("oneway", lambda: client.service.deleteStock({"Sku": "ABC-1", "Wanted": 7})),
]

for name, call in CASES:
    try:
        line = {"answer": plain(call())}
    except WebFault as caught:
        fault = caught.fault
        line = {
            "fault": {
                "code": fault.faultcode.split(":")[-1],
                "reason": str(fault.faultstring),
                "detail": plain(fault.detail),
            }
        }
    print(json.dumps({"version": "1.1", "case": name, **line}, ensure_ascii=False))
