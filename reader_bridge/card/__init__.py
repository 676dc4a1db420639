"""APDUs, TLV, PKCS#15, IDPrime and certificates. Knows nothing of readers or operating systems."""
