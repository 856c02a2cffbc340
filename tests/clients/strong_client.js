// Calls the service of gateway.kdl by its WSDL with strong-soap.
const path = require("path");
const { promisify } = require("util");
const { run } = require("./node_cases");
const { soap } = require(path.join(process.env.NODE_CLIENTS, "strong-soap"));

const form = { attributes: "$attributes", nil: null };

// strong-soap puts the body's element around a request itself only where the operation is wrapped, and both ways.
const ELEMENTS = { placeOrder: "Order", deleteStock: "deleteStock" };

async function main() {
  for (const [version, port] of [["1.1", "ShopPort"], ["1.2", "ShopPort12"]]) {
    const options = { forceSoap12Headers: version === "1.2" };
    const client = await promisify(soap.createClient)(process.argv[2], options);
    await run(version, form, async (operation, request) => {
      const element = ELEMENTS[operation];
      return (await client.Shop[port][operation](element ? { [element]: request } : request)).result;
    });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
