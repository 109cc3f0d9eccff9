import java.io.FileInputStream;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Sends a secret by Java's own TLS, and prints what comes back.
 *
 * <p>usage: java JsseClient.java HOST PORT BUNDLE SECRET; HOST is sought at 127.0.0.1.
 */
public class JsseClient {
    private static SSLContext trusting(String bundle) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream file = new FileInputStream(bundle)) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file))
                store.setCertificateEntry("root" + store.size(), root);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        Socket socket = new Socket("127.0.0.1", Integer.parseInt(arguments[1]));
        try (SSLSocket tls =
                (SSLSocket)
                        trusting(arguments[2])
                                .getSocketFactory()
                                .createSocket(socket, host, socket.getPort(), true)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            String request =
                    "GET /" + arguments[3] + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            tls.getOutputStream().write(request.getBytes());
            tls.getInputStream().transferTo(System.out);
        }
    }
}
