package key_test

import (
	"fmt"
	"log"

	"rhea/engine"
	"rhea/engine/key"
)

// A bot with many faces keeps one secret key and derives the others: the same path always gives the same key.
func ExampleDerive() {
	parent, err := key.NewSigner(engine.NewSecret("0000000000000000000000000000000000000000000000000000000000000003"))
	if err != nil {
		log.Fatal(err)
	}
	child, err := key.Derive(parent, "weather/bern")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(child.PublicKey())
	// Output: bdb44b951af4615d23cd9772f8efc5ddf47257e34e98322cb4847af5b75968ff
}
