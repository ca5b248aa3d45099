// A self-signed certificate, made on the spot so that it never expires.
#pragma once

#include <Poco/Net/Context.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace sluice::testing {

/// Certificate and key as PEM files in the system's folder for temporary files, gone with this object.
class TestCertificate {
 public:
  /// `names` as OpenSSL writes alternative names: "DNS:localhost,IP:127.0.0.1".
  explicit TestCertificate(const std::string& names) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_set_version(certificate.get(), 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const auto* common_name = reinterpret_cast<const unsigned char*>("sluice test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> alternatives(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()), X509_EXTENSION_free);
    X509_add_ext(certificate.get(), alternatives.get(), -1);
    if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("no certificate");

    using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;
    const File certificate_out(std::fopen(certificate_file().c_str(), "w"), std::fclose);
    const File key_out(std::fopen(key_file().c_str(), "w"), std::fclose);
    if (PEM_write_X509(certificate_out.get(), certificate.get()) != 1 ||
        PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
      throw std::runtime_error("no certificate files");
    }
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  ~TestCertificate() { std::filesystem::remove_all(folder_); }

  std::string certificate_file() const { return folder_ / "certificate.pem"; }

  std::string key_file() const { return folder_ / "key.pem"; }

  /// A server that talks only to clients with a certificate of `authority`.
  Poco::Net::Context::Ptr server_context_asking_for(const std::string& authority) const {
    Poco::Net::Context::Params params;
    params.certificateFile = certificate_file();
    params.privateKeyFile = key_file();
    params.caLocation = authority;
    params.loadDefaultCAs = false;
    params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
    Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
    context->enableExtendedCertificateVerification(false);
    return context;
  }

  Poco::Net::Context::Ptr server_context() const {
    Poco::Net::Context::Params params;
    params.certificateFile = certificate_file();
    params.privateKeyFile = key_file();
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
  }

 private:
  static std::filesystem::path make_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "sluice-http-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
  }

  std::filesystem::path folder_ = make_folder();
};

}  // namespace sluice::testing
