import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;

/**
 * Sends a secret by OpenSSL, whose functions JNA takes by dlsym, and prints what comes back.
 *
 * <p>usage: java -cp jna.jar JnaClient.java HOST PORT BUNDLE SECRET 1|0 (the mode of SSL_CTX_set_verify)
 *
 * <p>HOST is sought at 127.0.0.1. A failed connection is a message and status 1.
 */
public class JnaClient {
    private static final NativeLibrary TLS = NativeLibrary.getInstance("libssl.so.3");
    private static final NativeLibrary CRYPTO = NativeLibrary.getInstance("libcrypto.so.3");
    private static final int SET_CONNECT = 100, DO_HANDSHAKE = 101, GET_SSL = 110, SERVER_NAME = 55;

    private static Pointer pointer(NativeLibrary library, String name, Object... arguments) {
        return library.getFunction(name).invokePointer(arguments);
    }

    private static int number(NativeLibrary library, String name, Object... arguments) {
        return library.getFunction(name).invokeInt(arguments);
    }

    private static Pointer connection(String host, String port, String bundle, int verify) {
        Pointer context = pointer(TLS, "SSL_CTX_new", pointer(TLS, "TLS_client_method"));
        number(TLS, "SSL_CTX_load_verify_locations", context, bundle, null);
        TLS.getFunction("SSL_CTX_set_verify").invokeVoid(new Object[] {context, verify, null});
        Pointer bio = pointer(TLS, "BIO_new_ssl_connect", context);
        Pointer[] ssl = new Pointer[1];
        number(CRYPTO, "BIO_ctrl", bio, GET_SSL, new NativeLong(0), ssl);
        number(TLS, "SSL_ctrl", ssl[0], SERVER_NAME, new NativeLong(0), host);
        number(TLS, "SSL_set1_host", ssl[0], host);
        number(CRYPTO, "BIO_ctrl", bio, SET_CONNECT, new NativeLong(0), "127.0.0.1:" + port);
        return bio;
    }

    public static void main(String[] arguments) {
        String host = arguments[0], secret = arguments[3];
        Pointer bio =
                connection(host, arguments[1], arguments[2], Integer.parseInt(arguments[4]));
        if (number(CRYPTO, "BIO_ctrl", bio, DO_HANDSHAKE, new NativeLong(0), null) != 1) {
            System.err.println("certificate verify failed");
            System.exit(1);
        }
        String request = "GET /" + secret + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        number(CRYPTO, "BIO_puts", bio, request);
        byte[] answer = new byte[4096];
        for (int length; (length = number(CRYPTO, "BIO_read", bio, answer, answer.length)) > 0; )
            System.out.write(answer, 0, length);
        System.out.flush();
        CRYPTO.getFunction("BIO_free_all").invokeVoid(new Object[] {bio});
    }
}
