package expression_test

import (
	"fmt"
	"log"
	"reflect"

	"rhea/engine"
	"rhea/engine/expression"
)

// WeatherData is what the expressions see.
type WeatherData struct {
	engine.Scope
	// Degrees is the temperature, Place where it was measured.
	Degrees int    `expr:"degrees"`
	Place   string `expr:"place"`
}

// A condition is compiled once, against the type of the data, and evaluated for each signal.
func ExampleCompiler_Condition() {
	compiler, err := expression.New(reflect.TypeFor[*WeatherData]())
	if err != nil {
		log.Fatal(err)
	}
	warm, findings := compiler.Condition(`degrees > 20 and place startsWith "B"`)
	if findings.Err() != nil {
		log.Fatal(findings.Err())
	}
	fmt.Println(warm.Eval(&WeatherData{Degrees: 24, Place: "Bern"}))
	fmt.Println(warm.Eval(&WeatherData{Degrees: 18, Place: "Bern"}))
	_, findings = compiler.Condition(`degree > 20`)
	fmt.Println(findings[0].Message + ": " + findings[0].Hint)
	// Output:
	// true <nil>
	// false <nil>
	// there is no degree here: did you mean degrees?
}

// A text with expressions in it.
func ExampleCompiler_Text() {
	compiler, err := expression.New(reflect.TypeFor[*WeatherData]())
	if err != nil {
		log.Fatal(err)
	}
	template, findings := expression.Split(`${{ degrees }} °C in ${{ place | upper() }}`)
	if findings.Err() != nil {
		log.Fatal(findings.Err())
	}
	text, findings := compiler.Text(template)
	if findings.Err() != nil {
		log.Fatal(findings.Err())
	}
	fmt.Println(text.Eval(&WeatherData{Degrees: 24, Place: "Bern"}))
	// Output: 24 °C in BERN <nil>
}
