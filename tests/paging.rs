//! Long lists leave page by page: in every protocol, for their own caller, until they end, over reloads and restarts.
#![allow(clippy::disallowed_methods, reason = "tests run programs and read what they made")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::Instant;

use support::{DEADLINE, Folder, Gateway, Response, call, envelope, get, soap_type};

const WSS: &str = "http://www.boomi.com/connector/wss";
const ADA: &str = "ada-token-of-thirty-two-bytes---";
const BOB: &str = "bob-token-of-thirty-two-bytes---";

/// What operations do here: they give back what they are given.
const PARTS: &str = r#"
users people {
    user ada token=(env)ADA
    user bob token=(env)BOB
}
profile item format=xml { element Item { element Id type=integer } }
profile note format=json { object { integer id } }
profile row format=csv header=#true { column id type=integer }
operation query-item {
    action query; object Item; input item many=#true; output item many=#true page=50 max-page=120
    process { set response.header.X-List value=items; return }
}
operation query-note {
    action query; object Note; input note many=#true; output note many=#true page=50
    process { return }
}
operation query-row {
    action query; object Row; input row many=#true; output row many=#true page=2
    process { return }
}
operation query-all {
    action query; object All; input item many=#true; output item many=#true
    process { return }
}
operation query-brief {
    action query; object Brief; input item many=#true; output item many=#true page=1 page-lifetime="1s"
    process { return }
}
operation list-item {
    action query; object Listed; input item many=#true; output item many=#true
    process { return }
}
api items base="/shop" {
    rest {
        post "/items" list-item { page 20; max-page 30 }
        post "/all" list-item
    }
}
operation get-item {
    action get; object Item; output item many=#true page=2
    process {
        message "<Items><Item><Id>1</Id></Item><Item><Id>2</Id></Item><Item><Id>3</Id></Item></Items>" type="application/xml"
        split "Items/Item"
        return
    }
}
"#;

fn kdl(settings: &str) -> String {
    format!(
        "listener internal bind=\"127.0.0.1:0\"
listener proxied bind=\"127.0.0.1:0\" trust-proxy=\"127.0.0.1\"
listener known bind=\"127.0.0.1:0\" {{ auth token users=people }}
admin bind=\"127.0.0.1:0\"
{settings}
{PARTS}"
    )
}

const VARIABLES: [(&str, &str); 2] = [("ADA", ADA), ("BOB", BOB)];

fn start(settings: &str) -> Gateway {
    Gateway::start_with(&kdl(settings), &[], &VARIABLES)
}

fn in_folder(settings: &str, folder: Folder) -> Gateway {
    folder.write("gateway.kdl", &kdl(settings));
    Gateway::start_in(folder, &[], &VARIABLES)
}

fn items(count: usize) -> String {
    (1..=count).map(|id| format!("<Item><Id>{id}</Id></Item>")).collect()
}

fn item_list(count: usize) -> String {
    list("Item", count)
}

/// The items as the list of another object.
fn list(object: &str, count: usize) -> String {
    format!("<{object}List>{}</{object}List>", items(count))
}

fn ids(body: &str) -> Vec<usize> {
    body.split("<Id>").skip(1).map(|part| part.split('<').next().unwrap().parse().unwrap()).collect()
}

/// The token in the list of an answer.
fn token(answer: &Response) -> Option<String> {
    let (_, rest) = answer.body.split_once(" moreDataToken=\"")?;
    Some(rest.split('"').next().unwrap().to_owned())
}

/// The URL of the next page.
fn next(answer: &Response) -> Option<String> {
    let link = answer.header("link")?;
    let url = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(url.unwrap_or_else(|| panic!("{link}")).to_owned())
}

fn path_of(url: &str) -> String {
    url.strip_prefix("http://gateway.test").unwrap_or_else(|| panic!("{url}")).to_owned()
}

fn post(gateway: &Gateway, listener: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    call(gateway.address(listener), "POST", path, headers, body.as_bytes())
}

const XML: (&str, &str) = ("Content-Type", "application/xml");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn metric(gateway: &Gateway, name: &str) -> i64 {
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let line = text.lines().find(|line| line.starts_with(&format!("soapstone_{name} ")));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

/// Follows an answer to its last page: the ids of every page, and each answer with its token.
fn follow(first: Response, mut ask: impl FnMut(&Response) -> Response) -> (Vec<Vec<usize>>, Vec<Response>) {
    let (mut pages, mut answers) = (vec![ids(&first.body)], vec![first]);
    while token(answers.last().unwrap()).is_some() {
        let answer = ask(answers.last().unwrap());
        assert_eq!(answer.status, 200, "{answer:?}");
        pages.push(ids(&answer.body));
        answers.push(answer);
        assert!(pages.len() < 200, "it does not end");
    }
    (pages, answers)
}

fn is_in_pages(pages: &[Vec<usize>], sizes: &[usize]) {
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    assert_eq!(pages.concat(), (1..=sizes.iter().sum()).collect::<Vec<_>>());
}

fn query_item(body: &str, header: &str, version: &str) -> String {
    let whole = envelope(version, &format!("<w:queryItem xmlns:w=\"{WSS}\">{body}</w:queryItem>"));
    if header.is_empty() {
        whole
    } else {
        whole.replace("<e:Body>", &format!("<e:Header>{header}</e:Header><e:Body>"))
    }
}

fn more_items(token: &str, version: &str) -> String {
    let inner = format!("<w:moreDataToken>{token}</w:moreDataToken>");
    envelope(version, &format!("<w:queryItemMoreResults xmlns:w=\"{WSS}\">{inner}</w:queryItemMoreResults>"))
}

/// The list in the namespace of the service.
fn wss_list(count: usize) -> String {
    format!("<w:ItemList xmlns:w=\"{WSS}\">{}</w:ItemList>", items(count))
}

fn soap(gateway: &Gateway, version: &str, body: &str) -> Response {
    post(gateway, "internal", "/ws/soap", &[("Content-Type", soap_type(version))], body)
}

#[test]
fn a_list_leaves_in_pages_over_soap() {
    let gateway = start("");
    for version in ["1.1", "1.2"] {
        let first = soap(&gateway, version, &query_item(&wss_list(150), "", version));
        assert_eq!(first.status, 200, "{first:?}");
        let list =
            format!("<wss:queryItemResponse xmlns:wss=\"{WSS}\"><wss:ItemResponseList moreDataToken=\"");
        assert!(first.body.contains(&list), "{}", first.body);
        let more = |answer: &Response| soap(&gateway, version, &more_items(&token(answer).unwrap(), version));
        let (pages, answers) = follow(first, more);
        is_in_pages(&pages, &[50, 50, 50]);
        assert_ne!(token(&answers[0]), token(&answers[1]));
        for answer in &answers {
            assert!(answer.body.contains("<wss:queryItemResponse"), "{answer:?}");
            assert_eq!(answer.header("content-type"), Some(soap_type(version)));
            assert_eq!((answer.header("x-list"), answer.header("link")), (Some("items"), None));
        }
        // A page that was lost is asked for once more.
        assert_eq!(more(&answers[0]).body, answers[1].body);
    }
    let ran = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    assert!(ran.contains("soapstone_operations_total{operation=\"query-item\",class=\"2xx\"} 2"), "{ran}");
    assert_eq!((metric(&gateway, "state_puts_total"), metric(&gateway, "state_entries")), (4, 4));
    assert_eq!(metric(&gateway, "state_gets_total"), 6);
}

#[test]
fn a_soap_caller_asks_for_another_size_in_a_header_that_it_may_demand() {
    let gateway = start("");
    for (size, sizes) in [("70", vec![70, 70, 10]), ("1000", vec![120, 30]), (" 50 ", vec![50, 50, 50])] {
        let header = format!("<w:page xmlns:w=\"{WSS}\" e:mustUnderstand=\"1\">{size}</w:page>");
        let first = soap(&gateway, "1.1", &query_item(&wss_list(150), &header, "1.1"));
        let more = |answer: &Response| soap(&gateway, "1.1", &more_items(&token(answer).unwrap(), "1.1"));
        is_in_pages(&follow(first, more).0, &sizes);
    }
    let header = format!("<w:page xmlns:w=\"{WSS}\">none</w:page>");
    let refused = soap(&gateway, "1.2", &query_item(&wss_list(1), &header, "1.2"));
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("bad-page"), "{refused:?}");
}

#[test]
fn a_list_leaves_in_pages_over_rest_and_plain_http() {
    let gateway = start("");
    let plain = [("/ws/rest/Item", "application/xml"), ("/ws/simple/queryItem", "application/xml")];
    for (path, media_type) in plain {
        let first = post(&gateway, "internal", path, &[XML], &item_list(150));
        assert!(first.body.contains(&format!("<wss:ItemResponseList xmlns:wss=\"{WSS}\" moreDataToken=\"")));
        let more = |answer: &Response| {
            let url = next(answer).unwrap();
            assert_eq!(url, format!("http://gateway.test{path}?moreDataToken={}", token(answer).unwrap()));
            post(&gateway, "internal", &path_of(&url), &[], "")
        };
        let (pages, answers) = follow(first, more);
        is_in_pages(&pages, &[50, 50, 50]);
        assert_eq!(next(&answers[2]), None);
        for answer in &answers {
            assert!(answer.header("content-type").unwrap().starts_with(media_type), "{answer:?}");
            assert_eq!(answer.header("x-list"), Some("items"));
        }
        // Another size, beside other parameters; the body may be sent again.
        let first = post(&gateway, "internal", &format!("{path}?page=100&a=%20b"), &[XML], &item_list(150));
        assert_eq!(ids(&first.body).len(), 100);
        let url = next(&first).unwrap();
        assert!(url.contains("?page=100&a=%20b&moreDataToken="), "{url}");
        let last = post(&gateway, "internal", &path_of(&url), &[XML], &item_list(150));
        assert_eq!((ids(&last.body), next(&last)), ((101..=150).collect(), None));
        for (bad, status) in [("0", 400), ("x", 400), ("-1", 400), ("", 400), ("500", 200)] {
            let answer = post(&gateway, "internal", &format!("{path}?page={bad}"), &[XML], &item_list(121));
            assert_eq!(answer.status, status, "{bad}: {answer:?}");
            assert_eq!(answer.body.contains("bad-page"), status == 400, "{answer:?}");
        }
    }
}

#[test]
fn arrays_and_files_say_by_a_link_alone_that_there_is_more() {
    let gateway = start("");
    let all = |first: Response, path: &str| {
        let (mut bodies, mut next_url) = (vec![first.body.clone()], next(&first));
        while let Some(url) = next_url {
            // Whatever it accepts, a page has the format of the first.
            let answer = post(&gateway, "internal", &path_of(&url), &[("Accept", "*/*")], "");
            assert_eq!(answer.header("content-type"), first.header("content-type"), "{path}");
            next_url = next(&answer);
            bodies.push(answer.body);
        }
        bodies
    };
    let notes: Vec<String> = (1..=120).map(|id| format!("{{\"id\":{id}}}")).collect();
    for path in ["/ws/rest/Note", "/ws/simple/queryNote"] {
        let first = post(&gateway, "internal", path, &[JSON], &format!("[{}]", notes.join(",")));
        let pages: Vec<Vec<serde_json::Value>> =
            all(first, path).iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
        assert_eq!(pages[2][19]["id"], 120);
    }
    // XML in its JSON form.
    let items: Vec<String> = (1..=60).map(|id| format!("{{\"Id\":{id}}}")).collect();
    let first = post(&gateway, "internal", "/ws/rest/Item", &[JSON], &format!("[{}]", items.join(",")));
    let pages = all(first, "/ws/rest/Item");
    assert_eq!(pages.len(), 2);
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&pages[1]).unwrap().len(), 10);
    let rows = post(&gateway, "internal", "/ws/rest/Row", &[("Content-Type", "text/csv")], "id\n1\n2\n3\n");
    assert_eq!(all(rows, "/ws/rest/Row"), ["id\r\n1\r\n2\r\n", "id\r\n3\r\n"]);
}

#[test]
fn what_is_short_or_not_paged_leaves_whole() {
    let gateway = start("");
    for count in [0, 1, 50] {
        let answer = post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(count));
        assert_eq!((ids(&answer.body).len(), next(&answer), token(&answer)), (count, None, None));
    }
    // `page` is a parameter like any other there.
    let answer = post(&gateway, "internal", "/ws/rest/All?page=x", &[XML], &list("All", 150));
    assert_eq!((ids(&answer.body).len(), next(&answer), token(&answer)), (150, None, None));
    assert_eq!(metric(&gateway, "state_puts_total"), 0);
}

#[test]
fn a_route_may_say_other_pages() {
    let gateway = start("");
    let count = |path: &str| ids(&post(&gateway, "internal", path, &[XML], &list("Listed", 45)).body).len();
    assert_eq!(
        (count("/shop/items"), count("/shop/items?page=25"), count("/shop/items?page=31")),
        (20, 25, 30)
    );
    assert_eq!(count("/shop/all"), 45);
    let first = post(&gateway, "internal", "/shop/items", &[XML], &list("Listed", 45));
    let next_path = path_of(&next(&first).unwrap());
    assert_eq!(ids(&post(&gateway, "internal", &next_path, &[], "").body), (21..=40).collect::<Vec<_>>());
    let elsewhere = next_path.replace("/shop/items", "/shop/all");
    refused(&post(&gateway, "internal", &elsewhere, &[], ""), 404, "unknown-page");
}

#[test]
fn a_link_of_a_get_is_followed_as_it_is_and_behind_a_proxy_as_the_proxy_says() {
    let gateway = start("");
    let first = get(gateway.address("internal"), "/ws/simple/getItem");
    let last = get(gateway.address("internal"), &path_of(&next(&first).unwrap()));
    assert_eq!((ids(&first.body), ids(&last.body)), (vec![1, 2], vec![3]));
    let outside = ("X-Request-Uri", "https://api.example.com/shop/items?a=1");
    let ask = |listener: &str, uri: (&str, &str)| {
        next(&call(gateway.address(listener), "GET", "/ws/simple/getItem?b=2", &[uri], b"")).unwrap()
    };
    assert!(ask("proxied", outside).starts_with("https://api.example.com/shop/items?a=1&moreDataToken="));
    // A stranger says nothing, and a proxy nothing that is no URL.
    for (listener, uri) in
        [("internal", outside.1), ("proxied", "https://a.example/>;rel=x"), ("proxied", "/shop")]
    {
        let url = ask(listener, ("X-Request-Uri", uri));
        assert!(url.starts_with("http://gateway.test/ws/simple/getItem?b=2&moreDataToken="), "{url}");
    }
    let forwarded = [("X-Forwarded-Host", "out.example"), ("X-Forwarded-Proto", "https")];
    let answer = call(gateway.address("proxied"), "GET", "/ws/simple/getItem", &forwarded, b"");
    assert!(next(&answer).unwrap().starts_with("https://out.example/ws/simple/getItem?"), "{answer:?}");
}

/// That a page is refused, in the way of its protocol.
fn refused(answer: &Response, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.body.contains(code), "{answer:?}");
    assert!(!answer.body.contains("<Id>"), "{answer:?}");
}

#[test]
fn a_token_is_for_its_user_operation_address_and_protocol() {
    let gateway = start("");
    let auth = |token: &str| format!("Bearer {token}");
    let (ada, bob) = (auth(ADA), auth(BOB));
    let ask = |path: &str, user: &str, body: &str| {
        post(&gateway, "known", path, &[XML, ("Authorization", user)], body)
    };
    let first = ask("/ws/rest/Item", &ada, &item_list(60));
    let own = token(&first).unwrap();
    let with = |path: &str| format!("{path}?moreDataToken={own}");
    assert_eq!(ids(&ask(&with("/ws/rest/Item"), &ada, "").body).len(), 10);
    refused(&ask(&with("/ws/rest/Item"), &bob, ""), 404, "unknown-page");
    refused(&ask(&with("/ws/simple/queryItem"), &ada, ""), 404, "unknown-page");
    refused(&ask(&with("/ws/rest/All"), &ada, ""), 404, "unknown-page");
    refused(&post(&gateway, "internal", &with("/ws/rest/Item"), &[], ""), 404, "unknown-page");
    assert_eq!(ask(&with("/ws/rest/Item"), &auth("nobody-at-all-with-32-characters"), "").status, 401);
    // Over SOAP it is a fault of the sender, and the address stays right.
    let soap_ask = |version: &str, token: &str| soap(&gateway, version, &more_items(token, version));
    for (version, status, sender) in [("1.1", 500, ":Client</faultcode>"), ("1.2", 400, ":Sender</")] {
        let answer = soap_ask(version, &own);
        refused(&answer, status, "unknown-page");
        assert!(answer.body.contains(sender), "{answer:?}");
    }
    let of_11 = token(&soap(&gateway, "1.1", &query_item(&wss_list(60), "", "1.1"))).unwrap();
    refused(&soap_ask("1.2", &of_11), 400, "unknown-page");
    assert_eq!(soap_ask("1.1", &of_11).status, 200);
    let wrong = soap(&gateway, "1.1", &more_items(&own, "1.1").replace("moreDataToken", "token"));
    refused(&wrong, 500, "invalid-document");
}

#[test]
fn what_is_no_token_is_unknown() {
    let gateway = start("");
    let own = token(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60))).unwrap();
    let changed = |at: usize| {
        let mut text = own.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(text).unwrap()
    };
    let all: Vec<String> = (0..64).step_by(7).map(changed).collect();
    let odd =
        ["", "x", "%00", "..%2f", "%F0%9F%98%80", "AAAA", &"A".repeat(64), &"A".repeat(5000), &own[..63]];
    for token in all.iter().map(String::as_str).chain(odd) {
        let path = format!("/ws/rest/Item?moreDataToken={token}");
        refused(&post(&gateway, "internal", &path, &[XML], &item_list(60)), 404, "unknown-page");
    }
    assert_eq!(metric(&gateway, "state_gets_total"), 0, "none of them is looked up");
}

/// Asks until the page has ended.
fn wait_for_the_end(gateway: &Gateway, path: &str) -> Response {
    let until = Instant::now() + DEADLINE;
    loop {
        let answer = post(gateway, "internal", path, &[], "");
        if answer.status != 200 {
            return answer;
        }
        assert!(Instant::now() < until, "it does not end");
        std::thread::yield_now();
    }
}

#[test]
fn a_page_ends_and_says_so() {
    let gateway = start("");
    let own = token(&post(&gateway, "internal", "/ws/rest/Brief", &[XML], &list("Brief", 2))).unwrap();
    let path = format!("/ws/rest/Brief?moreDataToken={own}");
    refused(&wait_for_the_end(&gateway, &path), 410, "page-expired");
    // Others are not told that there was one.
    refused(&post(&gateway, "proxied", &path, &[], ""), 404, "unknown-page");
    // The age of the state ends pages too.
    let gateway = start("state age=\"1s\"");
    let own = token(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60))).unwrap();
    let path = format!("/ws/rest/Item?moreDataToken={own}");
    refused(&wait_for_the_end(&gateway, &path), 410, "page-expired");
}

#[test]
fn what_has_no_room_is_gone_and_nobody_gets_a_part_for_the_whole() {
    let gateway = start("state size=\"1MiB\"");
    let first = token(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60))).unwrap();
    for _ in 0..40 {
        let answer = post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(2000));
        assert_eq!(answer.status, 200);
    }
    assert!(metric(&gateway, "state_evicted_total") > 0 && metric(&gateway, "state_bytes") <= 1 << 20);
    let path = format!("/ws/rest/Item?moreDataToken={first}");
    refused(&post(&gateway, "internal", &path, &[], ""), 410, "page-expired");
    let answer = post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60_000));
    assert_eq!((answer.status, answer.body.contains("\"code\":\"state\"")), (500, true), "{answer:?}");
}

#[test]
fn a_reload_keeps_what_is_kept() {
    let gateway = start("");
    let own = token(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60))).unwrap();
    let path = format!("/ws/rest/Item?moreDataToken={own}");
    // Not even the page size has to stay, nor that there are pages at all.
    let other = kdl("state size=\"2MiB\"").replace(" page=50 max-page=120", "");
    gateway.folder.write("gateway.kdl", &other);
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    assert_eq!(ids(&post(&gateway, "internal", &path, &[], "").body).len(), 10);
    assert_eq!(ids(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60)).body).len(), 60);
    // Another place begins empty.
    gateway.folder.write("gateway.kdl", &kdl("state sqlite=\"other.db\""));
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    refused(&post(&gateway, "internal", &path, &[], ""), 404, "unknown-page");
}

#[test]
fn a_state_that_cannot_be_opened_changes_nothing() {
    let gateway = start("state sqlite=\"state.db\"");
    let own = token(&post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60))).unwrap();
    gateway.folder.write("text", &"no database at all, whatever its name says\n".repeat(40));
    for (name, why) in [("text", "is no database of SQLite"), ("none/state.db", "its folder is not there")] {
        gateway.folder.write("gateway.kdl", &kdl(&format!("state sqlite=\"{name}\"")));
        let (status, told) = gateway.reload();
        assert!(!status.success() && told.contains(why), "{told}");
    }
    let path = format!("/ws/rest/Item?moreDataToken={own}");
    assert_eq!(ids(&post(&gateway, "internal", &path, &[], "").body).len(), 10);
    let alone = "listener internal bind=\"127.0.0.1:0\"\nstate sqlite=\"none/state.db\"\n";
    gateway.folder.write("gateway.kdl", alone);
    let (code, _, told) = support::run(gateway.folder.path(), &["run"], "");
    assert!(code == 1 && told.contains("its folder is not there"), "{told}");
}

#[test]
fn a_check_does_not_touch_the_state() {
    let folder = Folder::new();
    folder.write("gateway.kdl", "listener internal bind=\"127.0.0.1:0\"\nstate sqlite=\"state.db\"\n");
    let (code, _, told) = support::run(folder.path(), &["check"], "");
    assert_eq!((code, folder.path().join("state.db").exists()), (0, false), "{told}");
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let settings = "state sqlite=\"state.db\"";
    let mut gateway = start(settings);
    let mut tokens = Vec::new();
    for _ in 0..20 {
        let answer = post(&gateway, "internal", "/ws/rest/Item", &[XML], &item_list(60));
        tokens.push(token(&answer).unwrap());
    }
    gateway.signal("KILL");
    gateway.wait();
    // What it leaves is opened by another process, in another folder even.
    let folder = Folder::new();
    for name in ["state.db", "state.db-wal"] {
        std::fs::copy(gateway.folder.path().join(name), folder.path().join(name)).unwrap();
    }
    let mut again = in_folder(settings, folder);
    for token in &tokens {
        let path = format!("/ws/rest/Item?moreDataToken={token}");
        assert_eq!(ids(&post(&again, "internal", &path, &[], "").body), (51..=60).collect::<Vec<_>>());
    }
    // A stop leaves one file, with all in it.
    let (status, _) = again.stop();
    assert!(status.success());
    assert!(!again.folder.path().join("state.db-wal").exists());
    let folder = Folder::new();
    std::fs::copy(again.folder.path().join("state.db"), folder.path().join("state.db")).unwrap();
    let last = in_folder(settings, folder);
    let path = format!("/ws/rest/Item?moreDataToken={}", tokens[0]);
    assert_eq!(post(&last, "internal", &path, &[], "").status, 200);
}

#[test]
fn the_wsdl_says_how_to_ask_for_more() {
    let gateway = start("");
    let wsdl = get(gateway.address("internal"), "/ws/soap?wsdl=single").body;
    for text in [
        "<wsdl:operation name=\"queryItemMoreResults\">",
        "name=\"moreDataToken\"",
        "soapAction=\"http://www.boomi.com/connector/wss/queryItemMoreResults\"",
    ] {
        assert!(wsdl.contains(text), "{text} in {wsdl}");
    }
    assert!(!wsdl.contains("queryAllMoreResults"), "{wsdl}");
    let message = wsdl.split("<wsdl:message name=\"queryItemMoreResultsResponse\">").nth(1).unwrap();
    assert!(message[..200].contains(":queryItemResponse\"/>"), "{message}");
}

#[test]
fn a_foreign_client_reads_all_pages_by_the_wsdl() {
    let gateway = start("");
    let mut zeep = std::process::Command::new(support::tool(".tools/venv/bin/python"));
    zeep.arg(support::tool("tests/clients/zeep_pages.py")).arg(gateway.url("/ws/soap?wsdl"));
    let output = zeep.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sizes: Vec<_> = lines.iter().map(|line| (line["sizes"].to_string(), line["whole"] == true)).collect();
    let expected = [("[50,50,50]".to_owned(), true), ("[70,70,10]".to_owned(), true)];
    assert_eq!(sizes, [expected.clone(), expected].concat());
}
