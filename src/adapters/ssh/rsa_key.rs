//! Signing with an RSA key's file. `ssh-key` 0.6 hands the key over with one of its primes twice, which is no key: here it is whole.

use crate::ports::signer::{SignatureFault, SignatureFaultKind as Kind};
use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::OsRng;
use rsa::sha2::Sha512;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use rsa::{BigUint, RsaPrivateKey};
use ssh_key::private::RsaKeypair;
use ssh_key::{Algorithm, HashAlg, Mpint, Signature};

/// `rsa-sha2-512` over some bytes, blinded against whoever measures time.
pub(super) fn sign(key: &RsaKeypair, bytes: &[u8]) -> Result<Signature, SignatureFault> {
    let fault = |what: String| SignatureFault::new(Kind::Key, format!("the RSA key does not sign: {what}"), "use an ed25519 or ecdsa key");
    let whole = |number: &Mpint| number.as_positive_bytes().map(BigUint::from_bytes_be).ok_or_else(|| fault("a number of it is negative".to_owned()));
    let (public, private) = (&key.public, &key.private);
    let primes = vec![whole(&private.p)?, whole(&private.q)?];
    let key = RsaPrivateKey::from_components(whole(&public.n)?, whole(&public.e)?, whole(&private.d)?, primes).map_err(|e| fault(e.to_string()))?;
    let signature = SigningKey::<Sha512>::new(key).try_sign_with_rng(&mut OsRng, bytes).map_err(|e| fault(e.to_string()))?;
    let algorithm = Algorithm::Rsa { hash: Some(HashAlg::Sha512) };
    Signature::new(algorithm, signature.to_vec()).map_err(|e| fault(e.to_string()))
}
