//! Serves a local network over HTTP and HTTPS until it is interrupted. The first argument, if any, is the file for the
//! certificate that HTTPS clients must trust.

use coinslot_local_stellar::LocalStellar;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let network = LocalStellar::builder()
        .bind("127.0.0.1:8000")
        .bind_https("127.0.0.1:8001")
        .start()
        .await?;
    println!("RPC and Horizon   {}", network.rpc_url());
    if let (Some(url), Some(pem)) = (network.https_url(), network.ca_certificate_pem()) {
        println!("the same by HTTPS {url}");
        if let Some(path) = std::env::args().nth(1) {
            std::fs::write(path, pem)?;
        }
    }
    println!("USDC              {}", network.usdc_contract());
    std::future::pending::<()>().await;
    Ok(())
}
