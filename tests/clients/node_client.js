// Calls the service of gateway.kdl by its WSDL with node-soap.
const path = require("path");
const { run, session, HEADERS } = require("./node_cases");
const soap = require(path.join(process.env.NODE_CLIENTS, "soap"));

const form = { attributes: "attributes", nil: { attributes: { "xsi:nil": true } } };

async function main() {
  for (const version of ["1.1", "1.2"]) {
    const client = await soap.createClientAsync(process.argv[2], { forceSoap12Headers: version === "1.2" });
    await run(version, form, async (operation, request) => {
      client.clearSoapHeaders();
      if (operation === "reserveStock") client.addSoapHeader(session, "", "h", HEADERS);
      const [answer, , header] = await client[`${operation}Async`](request);
      return header?.Limits ? { ...answer, Limits: header.Limits } : answer;
    });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
