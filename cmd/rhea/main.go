// Command rhea runs bots for Nostr from a YAML file.
package main

import "rhea/cmd"

func main() { cmd.Main(kinds()) }
