//! Object identifiers that certificates use, with the names of OpenSSL (Zeek) and of the Rust
//! registry of identifiers (EVE).

/// commonName.
pub const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// subjectAltName.
pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
/// basicConstraints.
pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
/// rsaEncryption.
pub const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// md5WithRSAEncryption, met as the algorithm of a key.
pub const MD5_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
/// rsassaPss.
pub const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
/// X.500's rsa.
pub const RSA_X500: &[u8] = &[0x55, 8, 1, 1];
/// id-ecPublicKey.
pub const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// dsaEncryption.
pub const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
/// Ed25519.
pub const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// Ed448.
pub const ED448: &[u8] = &[0x2b, 0x65, 0x71];

/// Algorithms of keys and signatures by OpenSSL's long names.
static ALGORITHMS: &[(&[u8], &str)] = &[
    (RSA_ENCRYPTION, "rsaEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2], "md2WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3], "md4WithRSAEncryption"),
    (MD5_WITH_RSA, "md5WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], "sha1WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7], "rsaesOaep"),
    (RSA_PSS, "rsassaPss"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], "sha256WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], "sha384WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], "sha512WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14], "sha224WithRSAEncryption"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1], "dhKeyAgreement"),
    (RSA_X500, "rsa"),
    (&[0x2b, 0x0e, 3, 2, 3], "md5WithRSA"),
    (&[0x2b, 0x0e, 3, 2, 12], "dsaEncryption-old"),
    (&[0x2b, 0x0e, 3, 2, 13], "dsaWithSHA"),
    (&[0x2b, 0x0e, 3, 2, 27], "dsaWithSHA1-old"),
    (&[0x2b, 0x0e, 3, 2, 29], "sha1WithRSA"),
    (DSA, "dsaEncryption"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], "dsaWithSHA1"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1], "dsa_with_SHA224"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], "dsa_with_SHA256"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 13], "RSA-SHA3-224"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 14], "RSA-SHA3-256"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 15], "RSA-SHA3-384"),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 16], "RSA-SHA3-512"),
    (EC_PUBLIC_KEY, "id-ecPublicKey"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], "ecdsa-with-SHA1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1], "ecdsa-with-SHA224"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], "ecdsa-with-SHA256"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], "ecdsa-with-SHA384"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], "ecdsa-with-SHA512"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1], "X9.42 DH"),
    (&[0x2b, 0x65, 0x6e], "X25519"),
    (&[0x2b, 0x65, 0x6f], "X448"),
    (ED25519, "ED25519"),
    (ED448, "ED448"),
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d], "sm2"),
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75], "SM2-with-SM3"),
    (&[0x2a, 0x85, 3, 2, 2, 3], "GOST R 34.11-94 with GOST R 34.10-2001"),
    (&[0x2a, 0x85, 3, 2, 2, 19], "GOST R 34.10-2001"),
    (&[0x2a, 0x85, 3, 7, 1, 1, 1, 1], "GOST R 34.10-2012 with 256 bit modulus"),
    (&[0x2a, 0x85, 3, 7, 1, 1, 1, 2], "GOST R 34.10-2012 with 512 bit modulus"),
    (&[0x2a, 0x85, 3, 7, 1, 1, 3, 2], "GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)"),
    (&[0x2a, 0x85, 3, 7, 1, 1, 3, 3], "GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)"),
];

/// The name of an algorithm, where it has one.
pub fn algorithm(oid: &[u8]) -> Option<&'static str> {
    ALGORITHMS.iter().find(|(o, _)| *o == oid).map(|(_, n)| *n)
}

/// Curves: identifier, OpenSSL's group name, bits of the group's order.
static CURVES: &[(&[u8], &str, u32)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "prime256v1", 256),
    (&[0x2b, 0x81, 4, 0, 34], "secp384r1", 384),
    (&[0x2b, 0x81, 4, 0, 35], "secp521r1", 521),
    (&[0x2b, 0x81, 4, 0, 10], "secp256k1", 256),
    (&[0x2b, 0x81, 4, 0, 33], "secp224r1", 224),
    (&[0x2b, 0x81, 4, 0, 32], "secp224k1", 225),
    (&[0x2b, 0x81, 4, 0, 31], "secp192k1", 192),
    (&[0x2b, 0x81, 4, 0, 9], "secp160k1", 161),
    (&[0x2b, 0x81, 4, 0, 8], "secp160r1", 161),
    (&[0x2b, 0x81, 4, 0, 30], "secp160r2", 161),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1], "prime192v1", 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 2], "prime192v2", 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 3], "prime192v3", 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 4], "prime239v1", 239),
    (&[0x2b, 0x81, 4, 0, 1], "sect163k1", 163),
    (&[0x2b, 0x81, 4, 0, 15], "sect163r2", 163),
    (&[0x2b, 0x81, 4, 0, 26], "sect233k1", 232),
    (&[0x2b, 0x81, 4, 0, 27], "sect233r1", 233),
    (&[0x2b, 0x81, 4, 0, 16], "sect283k1", 281),
    (&[0x2b, 0x81, 4, 0, 17], "sect283r1", 282),
    (&[0x2b, 0x81, 4, 0, 36], "sect409k1", 407),
    (&[0x2b, 0x81, 4, 0, 37], "sect409r1", 409),
    (&[0x2b, 0x81, 4, 0, 38], "sect571k1", 570),
    (&[0x2b, 0x81, 4, 0, 39], "sect571r1", 570),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7], "brainpoolP256r1", 256),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11], "brainpoolP384r1", 384),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13], "brainpoolP512r1", 512),
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d], "SM2", 256),
];

/// A curve's name and bits.
pub fn curve(oid: &[u8]) -> Option<(&'static str, u32)> {
    CURVES.iter().find(|(o, ..)| *o == oid).map(|(_, n, b)| (*n, *b))
}

/// Attributes of names: identifier, OpenSSL's short name, EVE's name.
static ATTRIBUTES: &[(&[u8], &str, &str)] = &[
    (COMMON_NAME, "CN", "CN"),
    (&[0x55, 4, 6], "C", "C"),
    (&[0x55, 4, 10], "O", "O"),
    (&[0x55, 4, 11], "OU", "OU"),
    (&[0x55, 4, 7], "L", "L"),
    (&[0x55, 4, 8], "ST", "ST"),
    (&[0x55, 4, 4], "SN", "surname"),
    (&[0x55, 4, 5], "serialNumber", "serialNumber"),
    (&[0x55, 4, 9], "street", "streetAddress"),
    (&[0x55, 4, 12], "title", "title"),
    (&[0x55, 4, 13], "description", "description"),
    (&[0x55, 4, 15], "businessCategory", "businessCategory"),
    (&[0x55, 4, 16], "postalAddress", "postalAddress"),
    (&[0x55, 4, 17], "postalCode", "postalCode"),
    (&[0x55, 4, 18], "postOfficeBox", "postOfficeBox"),
    (&[0x55, 4, 20], "telephoneNumber", "telephoneNumber"),
    (&[0x55, 4, 41], "name", "name"),
    (&[0x55, 4, 42], "GN", "givenName"),
    (&[0x55, 4, 43], "initials", "initials"),
    (&[0x55, 4, 44], "generationQualifier", "generationQualifier"),
    (&[0x55, 4, 45], "x500UniqueIdentifier", "uniqueIdentifier"),
    (&[0x55, 4, 46], "dnQualifier", "dnQualifier"),
    (&[0x55, 4, 65], "pseudonym", "pseudonym"),
    (&[0x55, 4, 72], "role", "role"),
    (&[0x55, 4, 97], "organizationIdentifier", "organizationIdentifier"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress", "Email"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 2], "unstructuredName", "unstructuredName"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 8], "unstructuredAddress", "unstructuredAddress"),
    (&[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC", "DC"),
    (&[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID", "userId"),
    (&[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 3], "mail", "rfc822Mailbox"),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 1], "jurisdictionL", "msJurisdictionLocality"),
    (
        &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 2],
        "jurisdictionST",
        "msJurisdictionStateOrProvince",
    ),
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 3], "jurisdictionC", "msJurisdictionCountry"),
];

/// An attribute's names: OpenSSL's and EVE's.
pub fn attribute(oid: &[u8]) -> Option<(&'static str, &'static str)> {
    ATTRIBUTES.iter().find(|(o, ..)| *o == oid).map(|(_, z, e)| (*z, *e))
}
