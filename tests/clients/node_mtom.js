// Sends data in a part of its own, and an attachment, with node-soap, and reads the parts of the answer.
const path = require("path");
const soap = require(path.join(process.env.NODE_CLIENTS, "soap"));

const data = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 256));
const part = (id) => ({ mimetype: "image/png", contentId: id, name: id, body: data });
const include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:data%40test"/>';

async function main() {
  for (const version of ["1.1", "1.2"]) {
    const options = { forceSoap12Headers: version === "1.2", parseReponseAttachments: true };
    const client = await soap.createClientAsync(process.argv[2], options);
    const request = { _xml: `<createDocument xmlns="urn:example:documents:service"><Document xmlns="urn:example:documents">
      <Name>n</Name><Data>${include}</Data></Document></createDocument>` };
    const attachments = [part("data@test"), part("more@test")];
    const [answer, , , , parts] = await client.createDocumentAsync(request, { attachments, forceMTOM: true });
    const same = parts.parts.map((part) => Buffer.from(part.body).equals(data));
    const ids = parts.parts.map((part) => part.headers["content-id"]);
    console.log(JSON.stringify({ version, sent: answer.Document.Name, same, attachment: ids[1] }));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
