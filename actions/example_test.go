package actions_test

import (
	"fmt"

	"rhea/actions"
)

func ExampleKinds() {
	fmt.Println(actions.Kinds()[0].Name)
	// Output: publish
}
