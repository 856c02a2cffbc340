"""Calls the service of gateway.kdl by its WSDL with zeep: prints what came back as one JSON object a line."""
import datetime
import decimal
import json
import sys

from zeep import Client, Settings, xsd
from zeep.exceptions import Fault

client = Client(sys.argv[1], settings=Settings(strict=True))


def plain(value):
    """As text, but for what holds others, true and false; what is not there is left out."""
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (decimal.Decimal, int)) and not isinstance(value, bool):
        return str(value)
    if hasattr(value, "__values__"):
        value = value.__values__
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item is not None and item != []}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def order(country, price):
    return {
        "id": "A-1001",
        "express": True,
        "Placed": datetime.datetime(2026, 11, 20, 8, 0, 0, 123456, datetime.timezone.utc),
        "Customer": {"Name": "Ada & Söhne <東京>", "Country": country, "Note": xsd.Nil},
        "Line": [
            {
                "position": 1,
                "Sku": "ABC-1",
                "Quantity": 2,
                "Price": decimal.Decimal(price),
                "Tag": ["fragile", "a  b"],
            },
            {"position": 2, "Sku": "XYZ-22", "Quantity": 1, "Price": decimal.Decimal("0.10"), "Tag": ["one"]},
        ],
    }


def articles():
    return {"Article": [{"Sku": "ABC-1", "Wanted": 7}, {"Sku": "XYZ-22", "Wanted": 700}]}


def reserve(proxy, wanted):
    return proxy.reserveStock({"Sku": "ABC-1", "Wanted": wanted}, _soapheaders={"Session": {"User": "Ada & Söhne"}})


def reserved(answer):
    return {"Stock": answer.body.Stock, "Limits": answer.header.Limits}


def cases(proxy):
    yield "order", lambda: proxy.createOrder(order("DE", "1234567890123456.123456789"))
    yield "fault", lambda: proxy.createOrder(order("FR", "1"))
    yield "invalid", lambda: proxy.createOrder(order("DE", "-1"))
    yield "list", lambda: proxy.queryStock(articles()) or []
    yield "none", lambda: proxy.queryStock({}) or []
    yield "count", lambda: proxy.getCount()
    yield "bare", lambda: proxy.placeOrder(**order("DE", "1234567890123456.123456789"))
    yield "header", lambda: reserved(reserve(proxy, 7))
    yield "declared", lambda: reserve(proxy, 700)
    yield "oneway", lambda: proxy.deleteStock({"Sku": "ABC-1", "Wanted": 7})


def local(code):
    return code.replace("}", ":").split(":")[-1]


def fault_of(fault):
    element = fault.detail[0]
    return {
        "code": local(str(fault.code)),
        **({"subcodes": [local(str(code)) for code in fault.subcodes]} if fault.subcodes else {}),
        "reason": fault.message,
        "detail": {local(element.tag): plain(client.wsdl.types.deserialize(element))},
    }


for service in client.wsdl.services.values():
    for port in service.ports.values():
        version = "1.2" if "12" in type(port.binding).__name__ else "1.1"
        for name, call in cases(client.bind(service.name, port.name)):
            try:
                line = {"answer": plain(call())}
            except Fault as fault:
                line = {"fault": fault_of(fault)}
            print(json.dumps({"version": version, "case": name, **line}, ensure_ascii=False))
