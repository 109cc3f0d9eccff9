# A policy of `count` domains with a pin each: awk -v count=1000 -f bench/policy.awk
BEGIN {
    print "version = 1;\ndomains = ("
    for (i = 0; i < count; i++)
        printf "%s  { name = \"h%d.maas360.test\"; pins = [\"sha256//%042dA=\"]; }", i ? ",\n" : "", i, i
    print "\n);"
}
