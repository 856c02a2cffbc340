// Calls the service of gateway.kdl by its WSDL with strong-soap.
const path = require("path");
const { promisify } = require("util");
const { run, session, HEADERS } = require("./node_cases");
const { soap, QName } = require(path.join(process.env.NODE_CLIENTS, "strong-soap"));

const form = { attributes: "$attributes", nil: null };

// strong-soap puts the body's element around a request itself only where the operation is wrapped, and both ways.
const ELEMENTS = { placeOrder: "Order", deleteStock: "deleteStock" };

async function main() {
  for (const [version, port] of [["1.1", "ShopPort"], ["1.2", "ShopPort12"]]) {
    const options = { forceSoap12Headers: version === "1.2" };
    const client = await promisify(soap.createClient)(process.argv[2], options);
    await run(version, form, async (operation, request) => {
      const element = ELEMENTS[operation];
      client.clearSoapHeaders();
      if (operation === "reserveStock") client.addSoapHeader(session.Session, new QName(HEADERS, "Session"));
      const call = client.Shop[port][operation](element ? { [element]: request } : request);
      const { result, soapHeader } = await call;
      return soapHeader?.Limits ? { ...result, Limits: soapHeader.Limits } : result;
    });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
