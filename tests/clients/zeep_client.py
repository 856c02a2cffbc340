"""Calls the order service by its WSDL with zeep: prints what came back as one JSON object a line."""
import datetime
import decimal
import json
import sys

from zeep import Client
from zeep.exceptions import Fault

client = Client(sys.argv[1])


def plain(value):
    if isinstance(value, (decimal.Decimal, datetime.datetime)):
        return f"{type(value).__name__} {value}"
    if hasattr(value, "__values__"):
        return {name: plain(item) for name, item in value.__values__.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def order(country, price):
    return {
        "id": "A-1001",
        "Placed": datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.timezone.utc),
        "Customer": {"Name": "Ada & Söhne", "Country": country},
        "Line": [
            {"Sku": "ABC-1", "Quantity": 2, "Price": decimal.Decimal(price)},
            {"Sku": "XYZ-22", "Quantity": 1, "Price": decimal.Decimal("3.25")},
        ],
    }


for service in client.wsdl.services.values():
    for port in service.ports.values():
        proxy = client.bind(service.name, port.name)
        version = "1.2" if "12" in type(port.binding).__name__ else "1.1"
        for what, country, price in [("order", "DE", "10.50"), ("fault", "FR", "10.50"), ("invalid", "DE", "-1")]:
            try:
                answer = {"answer": plain(proxy.createOrder(order(country, price)))}
            except Fault as fault:
                detail = None
                if fault.detail is not None and len(fault.detail):
                    detail = client.wsdl.types.deserialize(fault.detail[0])
                answer = {
                    "fault": fault.message,
                    "code": str(fault.code),
                    "subcodes": [str(code) for code in fault.subcodes or []],
                    "detail": plain(detail),
                }
            print(json.dumps({"version": version, "case": what, **answer}, ensure_ascii=False))
