"""A client on libcurl's NSS flavour, which it loads as a plugin: HOST PORT BUNDLE SECRET VERIFY."""

import ctypes
import sys

HOST, PORT, BUNDLE, SECRET, VERIFY = sys.argv[1:]
TIMEOUT, VERIFY_PEER, VERIFY_HOST, NO_PROXY = 13, 64, 81, 10177
URL, POST_FIELDS, CA_INFO, RESOLVE = 10002, 10015, 10065, 10203

curl = ctypes.CDLL("libcurl-nss.so.4")
curl.curl_easy_init.restype = ctypes.c_void_p
curl.curl_slist_append.restype = ctypes.c_void_p
curl.curl_easy_strerror.restype = ctypes.c_char_p
curl.curl_global_init(3)
easy = ctypes.c_void_p(curl.curl_easy_init())
known = ctypes.c_void_p(curl.curl_slist_append(None, f"{HOST}:{PORT}:127.0.0.1".encode()))
for option, value in (
    (URL, ctypes.c_char_p(f"https://{HOST}:{PORT}/".encode())),
    (RESOLVE, known),
    (CA_INFO, ctypes.c_char_p(BUNDLE.encode())),
    (POST_FIELDS, ctypes.c_char_p(SECRET.encode())),
    (NO_PROXY, ctypes.c_char_p(b"*")),
    (TIMEOUT, ctypes.c_long(20)),
    (VERIFY_PEER, ctypes.c_long(int(VERIFY))),
    (VERIFY_HOST, ctypes.c_long(2 * int(VERIFY))),
):
    assert curl.curl_easy_setopt(easy, option, value) == 0, option
code = curl.curl_easy_perform(easy)
if code:
    print(f"libcurl: ({code})", curl.curl_easy_strerror(code).decode(), file=sys.stderr)
sys.exit(code)
