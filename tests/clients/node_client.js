// Calls the service of gateway.kdl by its WSDL with node-soap.
const path = require("path");
const { run } = require("./node_cases");
const soap = require(path.join(process.env.NODE_CLIENTS, "soap"));

const form = { attributes: "attributes", nil: { attributes: { "xsi:nil": true } } };

async function main() {
  for (const version of ["1.1", "1.2"]) {
    const client = await soap.createClientAsync(process.argv[2], { forceSoap12Headers: version === "1.2" });
    await run(version, form, async (operation, request) => (await client[`${operation}Async`](request))[0]);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
