// What both node clients call, and the plain form in which they print what came back: one JSON object a line.

/** The order; `attributes` is the key under which the client takes attributes, `nil` what it takes for xsi:nil. */
const order = ({ attributes, nil }, country, price) => ({
  Order: {
    [attributes]: { id: "A-1001", express: true },
    Placed: "2026-11-20T08:00:00.123456Z",
    Customer: { Name: "Ada & Söhne <東京>", Country: country, Note: nil },
    Line: [
      { [attributes]: { position: 1 }, Sku: "ABC-1", Quantity: 2, Price: price, Tag: ["fragile", "a  b"] },
      { [attributes]: { position: 2 }, Sku: "XYZ-22", Quantity: 1, Price: "0.10", Tag: ["one"] },
    ],
  },
});

const session = { Session: { User: "Ada & Söhne" } };
const HEADERS = "urn:example:clients:header";

const articles = [{ Sku: "ABC-1", Wanted: 7 }, { Sku: "XYZ-22", Wanted: 700 }];

const cases = (form) => [
  ["order", "createOrder", order(form, "DE", "1234567890123456.123456789")],
  ["fault", "createOrder", order(form, "FR", "1")],
  ["invalid", "createOrder", order(form, "DE", "-1")],
  ["list", "queryStock", { StockList: { Article: articles } }],
  ["none", "queryStock", { StockList: {} }],
  ["count", "getCount", {}],
  ["bare", "placeOrder", order(form, "DE", "1234567890123456.123456789").Order],
  ["header", "reserveStock", { Article: articles[0] }],
  ["declared", "reserveStock", { Article: { Sku: "ABC-1", Wanted: 700 } }],
  ["oneway", "deleteStock", { Article: articles[0] }],
];

/** As text, but for what holds others, true and false; what is not there is left out, and attributes are members. */
function plain(value, form) {
  if (Array.isArray(value)) return value.map((item) => plain(item, form));
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value === "boolean") return value;
  if (typeof value !== "object") return String(value);
  const result = {};
  for (const [name, item] of Object.entries(value)) {
    if (name === form.attributes) {
      for (const [key, text] of Object.entries(item)) {
        if (!/^xmlns\b/.test(key)) result[key] = plain(text, form);
      }
    } else if (item !== null) {
      result[name] = plain(item, form);
    }
  }
  return result;
}

const local = (name) => String(name.$value ?? name).split(":").pop();

/** The fault of either version. */
function faultOf(fault, form) {
  if (!fault.Code) {
    return { code: local(fault.faultcode), reason: fault.faultstring, detail: plain(fault.detail, form) };
  }
  return {
    code: local(fault.Code.Value),
    subcodes: [local(fault.Code.Subcode.Value)],
    reason: fault.Reason.Text.$value ?? fault.Reason.Text,
    detail: plain(fault.Detail, form),
  };
}

/** What of an answer is its result. */
const RESULTS = {
  createOrder: (answer) => answer.Receipt,
  queryStock: (answer) => answer.StockResponseList?.Stock ?? [],
  getCount: (answer) => answer.Count,
  placeOrder: (answer) => answer,
  reserveStock: (answer) => answer,
  deleteStock: (answer) => answer,
};

/** Makes all calls by `call(operation, request)`. */
async function run(version, form, call) {
  for (const [name, operation, request] of cases(form)) {
    let line;
    try {
      const answer = plain(await call(operation, request), form);
      line = { answer: RESULTS[operation](answer) };
    } catch (error) {
      const fault = error.root?.Envelope?.Body?.Fault;
      if (!fault) throw error;
      line = { fault: faultOf(fault, form) };
    }
    console.log(JSON.stringify({ version, case: name, ...line }));
  }
}

module.exports = { run, session, HEADERS };
