// Calls the order service by its WSDL with node-soap: prints what came back as one JSON object a line.
const path = require("path");
const soap = require(path.join(process.env.SOAP_MODULES, "soap"));

const order = (country, price) => ({
  Order: {
    attributes: { id: "A-1001" },
    Placed: "2026-11-20T08:00:00Z",
    Customer: { Name: "Ada & Söhne", Country: country },
    Line: [
      { Sku: "ABC-1", Quantity: 2, Price: price },
      { Sku: "XYZ-22", Quantity: 1, Price: "3.25" },
    ],
  },
});

async function main() {
  const wsdl = process.argv[2];
  for (const version of ["1.1", "1.2"]) {
    const client = await soap.createClientAsync(wsdl, { forceSoap12Headers: version === "1.2" });
    for (const [name, country, price] of [["order", "DE", "10.50"], ["fault", "FR", "10.50"], ["invalid", "DE", "-1"]]) {
      let line;
      try {
        const [answer] = await client.createOrderAsync(order(country, price));
        line = { answer };
      } catch (error) {
        if (!error.root) throw error;
        line = { fault: error.root.Envelope.Body.Fault };
      }
      console.log(JSON.stringify({ version, case: name, ...line }));
    }
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
