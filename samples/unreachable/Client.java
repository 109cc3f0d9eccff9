import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A small HTTPS client in Java: java Client.java HOST PORT CAFILE
 *
 * <p>No preload reaches it: Java's TLS is written in Java. `pinshim doctor java` says so, and `pinshim run` doesn't start it. Such a
 * program pins by itself: an X509ExtendedTrustManager of its own.
 */
public class Client {
    private static SSLContext trusting(String cafile) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(Path.of(cafile))) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file))
                store.setCertificateEntry("root" + store.size(), root);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static void get(String host, String port, String cafile) throws Exception {
        var url = new URI("https://" + host + ":" + port + "/").toURL();
        var connection = (HttpsURLConnection) url.openConnection();
        connection.setSSLSocketFactory(trusting(cafile).getSocketFactory());
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(10_000);
        try (InputStream body = connection.getInputStream()) {
            body.transferTo(System.out);
        }
    }

    public static void main(String[] arguments) {
        if (arguments.length != 3) {
            System.err.println("usage: java Client.java HOST PORT CAFILE");
            System.exit(2);
        }
        try {
            get(arguments[0], arguments[1], arguments[2]);
        } catch (Exception error) {
            System.err.println(arguments[0] + ": " + error.getMessage());
            System.exit(1);
        }
    }
}
