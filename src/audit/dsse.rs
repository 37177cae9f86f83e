//! Signatures over exact bytes: DSSE envelopes (github.com/secure-systems-lab/dsse, v1) with Ed25519 keys in PEM files.
//!
//! `openssl pkeyutl -verify -rawin` checks one without this program; docs/auditor.md shows how.

use base64ct::{Base64, Encoding};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::digest::sha256_hex;

/// The type of what is signed: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope: what is signed, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Envelope {
    /// [`PAYLOAD_TYPE`].
    pub(super) payload_type: String,
    /// Base64 of the statement's exact bytes.
    pub(super) payload: String,
    /// One for each signer.
    pub(super) signatures: Vec<Signed>,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    /// SHA-256 of the public key's 32 bytes, hexadecimal: a hint, no proof.
    pub(super) keyid: String,
    /// Base64 of the signature's 64 bytes.
    pub(super) sig: String,
}

/// The bytes that a signature covers: DSSE's pre-authentication encoding.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    let mut bytes = std::mem::take(&mut bytes).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// A fresh pair of keys, private and public, as PEM files hold them (RFC 8410).
pub fn fresh_key() -> Result<(String, String), String> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|e| format!("the system gives no random numbers: {e}"))?;
    let key = SigningKey::from_bytes(&seed);
    let private = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())?;
    let public =
        key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|e| e.to_string())?;
    Ok((private.to_string(), public))
}

impl Envelope {
    /// An envelope without signatures.
    pub(super) fn of(statement: &[u8]) -> Self {
        Self {
            payload_type: PAYLOAD_TYPE.into(),
            payload: Base64::encode_string(statement),
            signatures: Vec::new(),
        }
    }

    /// The statement's bytes.
    pub(super) fn statement(&self) -> Result<Vec<u8>, String> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(format!("key `payloadType`: expected {PAYLOAD_TYPE:?}"));
        }
        Base64::decode_vec(&self.payload).map_err(|e| format!("key `payload`: {e}"))
    }

    /// Adds the signature of a key in PEM; a second one of the same key changes nothing.
    pub(super) fn sign(&mut self, private_pem: &str) -> Result<String, String> {
        let key = SigningKey::from_pkcs8_pem(private_pem)
            .map_err(|e| format!("no Ed25519 key in PKCS#8 PEM: {e}"))?;
        let keyid = key_id(&key.verifying_key());
        let signature = key.sign(&pae(PAYLOAD_TYPE, &self.statement()?));
        let sig = Base64::encode_string(&signature.to_bytes());
        self.signatures.retain(|known| known.keyid != keyid);
        self.signatures.push(Signed { keyid: keyid.clone(), sig });
        Ok(keyid)
    }

    /// Whether one of the signatures is this key's, whatever its hint says. Gives the key's id.
    pub(super) fn is_signed_by(&self, public_pem: &str) -> Result<(String, bool), String> {
        let key = VerifyingKey::from_public_key_pem(public_pem)
            .map_err(|e| format!("no Ed25519 public key in PEM: {e}"))?;
        let bytes = pae(PAYLOAD_TYPE, &self.statement()?);
        let holds = |signed: &Signed| {
            let sig = Base64::decode_vec(&signed.sig).ok()?;
            let signature = Signature::from_slice(&sig).ok()?;
            key.verify_strict(&bytes, &signature).ok()
        };
        Ok((key_id(&key), self.signatures.iter().any(|signed| holds(signed).is_some())))
    }
}

/// The id of a public key in PEM.
pub fn public_key_id(public_pem: &str) -> Result<String, String> {
    if public_pem.contains("PRIVATE KEY") {
        return Err("this is a private key".into());
    }
    let key = VerifyingKey::from_public_key_pem(public_pem)
        .map_err(|e| format!("no Ed25519 public key in PEM: {e}"))?;
    Ok(key_id(&key))
}

fn key_id(key: &VerifyingKey) -> String {
    sha256_hex(key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_that_of_the_protocol() {
        // The protocol's own example.
        let bytes = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_signature_holds_for_its_key_and_its_bytes_alone() {
        let (private, public) = fresh_key().unwrap();
        let (_, other) = fresh_key().unwrap();
        let mut envelope = Envelope::of(b"{}");
        envelope.sign(&private).unwrap();
        envelope.sign(&private).unwrap();
        assert_eq!(envelope.signatures.len(), 1);
        assert!(envelope.is_signed_by(&public).unwrap().1);
        assert!(!envelope.is_signed_by(&other).unwrap().1);
        let changed = Envelope { payload: Base64::encode_string(b"{ }"), ..envelope };
        assert!(!changed.is_signed_by(&public).unwrap().1);
        assert!(changed.is_signed_by("no key").is_err());
    }
}
