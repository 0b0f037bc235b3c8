package actions_test

import (
	"fmt"

	"rhea/actions"
)

func ExampleKinds() {
	for _, k := range actions.Kinds() {
		fmt.Println(k.Name)
	}
	// Output:
	// publish
	// article
	// reply
	// quote
	// repost
	// react
	// delete
	// http
	// log
}
