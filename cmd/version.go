package cmd

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Version is set when a release is built: -ldflags "-X rhea/cmd.Version=v1.2.3".
var Version = "dev"

// build is which program this is, as far as the toolchain has written it down.
type build struct {
	Version string `json:"version"`
	// Commit and Date are those of the source, Dirty reports that it was changed; all are empty outside a clone.
	Commit string     `json:"commit,omitempty"`
	Date   *time.Time `json:"date,omitempty"`
	Dirty  bool       `json:"dirty,omitempty"`
	Go     string     `json:"go"`
	OS     string     `json:"os"`
	Arch   string     `json:"arch"`
}

func (a *app) version() *cobra.Command {
	var o output
	c := &cobra.Command{
		Use:   "version",
		Short: "Say which Rhea this is",
		Long: "Say which Rhea this is: its version, the commit it was built from and when that was made, and whether the\n" +
			"source was changed since.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := o.check(); err != nil {
				return err
			}
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			if o.json() {
				return printJSON(a.Out, b)
			}
			printLine(a.Out, "%s", b)
			return nil
		},
	}
	o.formatFlag(c)
	return c
}

// buildOf reads what the toolchain has stamped into the program; nil when it has not.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info == nil {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Dirty = s.Value == "true"
		case "vcs.time":
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				b.Date = &t
			}
		}
	}
	return b
}

// String is the build in one line.
func (b build) String() string {
	var source []string
	if b.Commit != "" {
		source = append(source, "commit "+b.Commit)
	}
	if b.Date != nil {
		source = append(source, b.Date.UTC().Format(time.RFC3339))
	}
	if b.Dirty {
		source = append(source, "changed since")
	}
	return "rhea " + b.Version + " (" + cmp.Or(strings.Join(source, ", "), "commit unknown") + ") " + b.Go + " " + b.OS + "/" + b.Arch
}
