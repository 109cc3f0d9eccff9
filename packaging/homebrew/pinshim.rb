# Builds pinshim on a Mac from an archive of its sources that lies beside this file:
#
#     git archive --prefix=pinshim-0.1.0/ -o packaging/homebrew/pinshim.tar.gz HEAD
#     brew tap-new local/pinshim && cp packaging/homebrew/pinshim.* "$(brew --repository local/pinshim)/Formula/"
#     brew install --build-from-source local/pinshim/pinshim
class Pinshim < Formula
  desc "Certificate pinning for unmodified programs"
  url "file://#{File.expand_path("pinshim.tar.gz", __dir__)}"
  version "0.1.0"
  license "Apache-2.0"

  # Headers alone: the prototypes of what is interposed, and hash tables; scdoc writes the manual.
  depends_on "gnutls" => :build
  depends_on "nspr" => :build
  depends_on "nss" => :build
  depends_on "scdoc" => :build
  depends_on "uthash" => :build
  depends_on "curl"
  depends_on "jansson"
  depends_on "libconfig"
  depends_on "libidn2"
  depends_on "libpsl"
  depends_on "libunistring"
  depends_on macos: :big_sur
  depends_on "openssl@3"

  def install
    system "make", "install-macos", "PREFIX=#{prefix}"
  end

  # The agent, of the system: sudo brew services start pinshim
  service do
    run opt_sbin/"pinshim-agent"
    keep_alive successful_exit: false
    require_root true
    error_log_path "/var/log/pinshim-agent.log"
  end

  test do
    (testpath/"my.conf").write <<~EOS
      version = 1;
      domains = ( { name = "pinned.example"; service = "custom";
                    pins = ["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]; } );
    EOS
    system bin/"pinshim", "check", "my.conf"
    system bin/"pinshim", "compile", "-o", "policy.cdb", "my.conf"
    assert_match "custom", shell_output("PINSHIM_CONFIG=#{testpath}/policy.cdb #{bin}/pinshim explain pinned.example")
    shell_output("#{bin}/pinshim run --config policy.cdb /bin/ls", 126)
    shell_output("#{sbin}/pinshim-agent", 2)
  end
end
