"""Reads a list page by page with zeep, by the WSDL alone: prints the size of each page, in both versions."""
import json
import sys

from zeep import Client, Settings

client = Client(sys.argv[1], settings=Settings(strict=True))
items = [{"Id": number} for number in range(1, 151)]

page = {"page": 70}
for port in ["SoapstoneServicePort", "SoapstoneServicePort12"]:
    service = client.bind("SoapstoneService", port)
    for headers in [None, page]:
        answer = service.queryItem(ItemList={"Item": items}, _soapheaders=headers)
        sizes, ids = [], []
        while True:
            ids += [getattr(item, "Id", item) for item in answer.Item]
            sizes.append(len(answer.Item))
            if answer.moreDataToken is None:
                break
            answer = service.queryItemMoreResults(moreDataToken=answer.moreDataToken)
        print(json.dumps({"port": port, "sizes": sizes, "whole": ids == list(range(1, 151))}))
