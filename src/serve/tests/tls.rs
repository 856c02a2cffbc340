//! TLS: both versions of HTTP by ALPN, and certificates that change while connections stay.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::support::*;

fn identity() -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (Arc::new(config), certificate)
}

async fn connect(
    address: std::net::SocketAddr,
    trusted: &CertificateDer<'static>,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

#[tokio::test]
async fn new_handshakes_use_the_new_certificate_and_old_sessions_go_on() {
    let bell = Arc::default();
    let ((first, first_root), (second, second_root)) = (identity(), identity());
    let mut made = gateway("a:", &bell);
    made.tls = Some(first);
    let (server, address) = made.start().await;
    let mut kept = Client::over(connect(address, &first_root, b"http/1.1").await.unwrap());
    assert_eq!(kept.post("/echo", "1").await.body, "a:1");
    made.mark = "b:";
    made.tls = Some(second);
    server.swap(made.build()).await.unwrap();
    assert_eq!(kept.post("/echo", "2").await.body, "b:2");
    assert!(connect(address, &first_root, b"http/1.1").await.is_err());
    let mut new = Client::over(connect(address, &second_root, b"http/1.1").await.unwrap());
    assert_eq!(new.post("/echo", "3").await.body, "b:3");
}

#[tokio::test]
async fn a_kept_connection_ends_when_its_listener_gets_tls() {
    let mut made = gateway("a:", &Arc::default());
    let (server, address) = made.start().await;
    let mut kept = Client::to(address).await;
    assert_eq!(kept.post("/echo", "1").await.body, "a:1");
    let (config, root) = identity();
    made.mark = "b:";
    made.tls = Some(config);
    server.swap(made.build()).await.unwrap();
    let last = kept.post("/echo", "2").await;
    assert_eq!((last.body.as_str(), last.header("connection")), ("b:2", Some("close")));
    assert!(kept.ends().await);
    let mut new = Client::over(connect(address, &root, b"http/1.1").await.unwrap());
    assert_eq!(new.post("/echo", "3").await.body, "b:3");
}

#[tokio::test]
async fn http2_is_chosen_by_alpn() {
    let (config, root) = identity();
    let mut made = gateway("a:", &Arc::default());
    made.tls = Some(config);
    let (_server, address) = made.start().await;
    let stream = connect(address, &root, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::builder().method("POST").uri("https://localhost/echo");
    let answer =
        sender.send_request(request.body(Full::new(bytes::Bytes::from_static(b"x"))).unwrap()).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "a:x");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_ended() {
    let (config, _) = identity();
    let mut made = gateway("a:", &Arc::default());
    made.tls = Some(config);
    made.bounds.head = std::time::Duration::from_millis(200);
    let (_server, address) = made.start().await;
    assert!(Client::to(address).await.ends().await);
}
