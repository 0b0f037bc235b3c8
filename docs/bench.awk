# Prints each benchmark beside the baseline of its group: "make bench" pipes the output of go test through this. The
# baseline of a group is the one whose name begins with "baseline".
/^Benchmark/ && / ns\/op/ {
	name = $1
	sub(/-[0-9]+$/, "", name)
	group = name
	sub(/\/[^\/]*$/, "", group)
	one = substr(name, length(group) + 2)
	for (i = 3; i <= NF; i++) if ($i == "ns/op") ns = $(i - 1)
	gsub(/_/, " ", one)
	if (one ~ /^baseline/) {
		base[group] = ns
		against[group] = substr(one, 10)
	} else if (group != name) {
		names[++n] = one
		groups[n] = group
		cost[n] = ns
	}
}
{ print }
END {
	printf "\n%-52s %14s  %s\n", "benchmark", "ns", "times cheaper than its baseline"
	for (i = 1; i <= n; i++) if (groups[i] in base) {
		g = groups[i]
		sub(/^Benchmark/, "", g)
		gsub(/_/, " ", g)
		printf "%-52s %14.1f  %8.2f × %s\n", g ": " names[i], cost[i], base[groups[i]] / cost[i], against[groups[i]]
	}
}
