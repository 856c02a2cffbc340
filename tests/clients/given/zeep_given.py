"""Calls the two ports of the given contract with zeep: one JSON object a line."""
import json
import sys

from zeep import Client
from zeep.exceptions import Fault

documents = Client(sys.argv[1]).bind("Stock", "Documents")
calls = Client(sys.argv[2]).bind("Stock", "Calls")


def item(it):
    return {"warehouse": it.warehouse, "Sku": it.Sku, "Left": it.Left}


def show(case, answer):
    print(json.dumps({"case": case, "answer": answer}))


show("document", [item(it) for it in documents.Check(Sku=["ABC-1", "XYZ-22"])])
try:
    documents.Check(Sku=["none"])
except Fault as fault:
    show("fault", fault.message)
answer = calls.Count(warehouse="north", least=3)
show("rpc", {"item": item(answer.item), "at": answer.at.isoformat().replace("+00:00", "Z")})
