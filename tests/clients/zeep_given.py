"""Calls the ports of tests/contracts/shop.wsdl at an address with zeep, and prints what came back as JSON."""

import json
import sys

import zeep

base = sys.argv[1]


def client(path):
    return zeep.Client(f"{base}/{path}?wsdl")


found = {}
shop = client("shop")
for port in ["Orders11", "Orders12"]:
    service = shop.bind("Shop", port)
    header = {"session": "s-1"} if port == "Orders11" else None
    found[port] = service.placeOrder(sku="ABC-1", quantity=2, _soapheaders=header)
    found[f"{port} note"] = service.note("remember") is None
    found[f"{port} wake"] = service.wake() is None
    try:
        service.placeOrder(sku="ABC-1", quantity=101, _soapheaders=header)
    except zeep.exceptions.Fault as fault:
        detail = fault.detail[0]
        found[f"{port} fault"] = [fault.message, detail.tag, detail[0].text]
found["archive"] = client("archive").bind("Archive", "Archive11").placeOrder(sku="ABC-1", quantity=2)
# zeep knows the services of the file it is given alone, not those of imported ones.
found["sum"] = zeep.Client(f"{base}/sums?wsdl=1").bind("Sums", "Sums").sum(left=40, right=2)
json.dump(found, sys.stdout)
