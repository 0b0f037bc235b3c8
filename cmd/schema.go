package cmd

import (
	"github.com/spf13/cobra"

	"rhea/engine/language"
)

func (a *app) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a configuration, for editors",
		Long: "Print the JSON Schema (draft-07) of a configuration. Editors that know YAML complete and explain every key\n" +
			"by it when the file begins with\n\n  # yaml-language-server: $schema=./rhea.schema.json",
		Example: "  rhea schema > rhea.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Out.Write(language.Describe(a.kinds).Schema())
			return failed(err)
		},
	}
}
