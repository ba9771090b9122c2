/* ca_bundle.h - the file of certificates that this machine trusts. */
#ifndef PANGOLIN_CA_BUNDLE_H
#define PANGOLIN_CA_BUNDLE_H

/* SSL_CERT_FILE, or where distributions have it. */
const char *ca_bundle(void);

#endif
