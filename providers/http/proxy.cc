#include "providers/http/proxy.h"

#include <Poco/Base64Encoder.h>
#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace sluice {
namespace {

bool is_loopback(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

bool is_excepted(const std::string& host, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string entry = Poco::toLower(Poco::trim(std::string(list.substr(0, comma))));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry == "*") return true;
    if (entry.starts_with("*.")) entry.erase(0, 1);
    if (const auto colon = entry.find(':');
        colon != std::string::npos && entry.find(':', colon + 1) == std::string::npos)
      entry.erase(colon);  // a port; an endpoint has only one
    const std::string bare = entry.starts_with('.') ? entry.substr(1) : entry;
    if (!bare.empty() && (host == bare || host.ends_with("." + bare))) return true;
  }
  return false;
}

std::string base64(const std::string& text) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << text;
  encoder.close();
  return out.str();
}

}  // namespace

Result<std::optional<Proxy>> proxy_for(std::string_view given_host, const ProxySettings& settings) {
  const std::string host = Poco::toLower(std::string(given_host));
  if (settings.https_proxy.empty() || is_loopback(host) || is_excepted(host, settings.no_proxy))
    return std::optional<Proxy>();
  const auto wrong = fail(ErrorKind::Invalid,
                          "HTTPS_PROXY is not a proxy of the form http://host:port: correct it, or name the endpoint's "
                          "host in NO_PROXY");  // without the text, which may hold a password
  try {
    const std::string& given = settings.https_proxy;
    const Poco::URI uri(given.find("://") == std::string::npos ? "http://" + given : given);
    if (uri.getScheme() != "http" || uri.getHost().empty() || uri.getPort() == 0 ||
        !(uri.getPath().empty() || uri.getPath() == "/")) {
      return wrong;
    }
    Proxy proxy{uri.getHost(), uri.getPort(), Secret()};
    if (!uri.getUserInfo().empty()) {
      std::string user;
      Poco::URI::decode(uri.getUserInfo(), user);
      proxy.authorization = Secret("Basic " + base64(user));
    }
    return std::optional<Proxy>(std::move(proxy));
  } catch (const Poco::Exception&) {
    return wrong;
  }
}

}  // namespace sluice
