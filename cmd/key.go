package cmd

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/reference"
)

func (a *app) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Make, look at and lock keys",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(a.keyNew(), a.keyShow(), a.keyEncrypt())
	return c
}

func (a *app) keyNew() *cobra.Command {
	var file string
	var encrypt bool
	c := &cobra.Command{
		Use:   "new",
		Short: "Make a new key",
		Long: "Make a new key. With --file the secret goes into a file that only you can read and the public\n" +
			"name is printed; without it both are printed.",
		Example: "  rhea key new --file bot.key\n  rhea key new --encrypt --file bot.ncryptsec",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			nsec, npub := key.Generate()
			secret := nsec.Reveal()
			if encrypt {
				var err error
				if secret, err = a.lock(nsec); err != nil {
					return failed(err)
				}
			}
			if file == "" {
				printLine(a.inner.Out, "%s", secret)
			} else if err := writeSecret(file, secret); err != nil {
				return failed(err)
			}
			printLine(a.Out, "%s", npub)
			return nil
		},
	}
	c.Flags().StringVar(&file, "file", "", "write the secret to this new file, readable by you alone")
	c.Flags().BoolVar(&encrypt, "encrypt", false, "lock the key with a passphrase (NIP-49); asked for, or the first line of the input")
	return c
}

func (a *app) keyShow() *cobra.Command {
	var file, env string
	c := &cobra.Command{
		Use:     "show",
		Short:   "Print public names: of a key, or of all identities of the configuration",
		Example: "  rhea key show\n  rhea key show --file bot.key\n  rhea key show --env BOT_NSEC",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ref := engine.SecretRef{File: file, Env: env}
			if file == "" && env == "" {
				return a.showIdentities()
			}
			if file != "" && env != "" {
				return usage("--file and --env exclude each other")
			}
			signers, _, err := a.openKeys(map[string]engine.SecretRef{"key": ref}, ".")
			if wrong, ok := errors.AsType[*key.Error](err); ok {
				if err = wrong.Err; !errors.Is(err, fs.ErrNotExist) {
					err = fmt.Errorf("%s: %w", cmp.Or(file, env), err)
				}
			}
			if err != nil {
				return failed(err)
			}
			return a.showKey("", signers["key"].PublicKey())
		},
	}
	c.Flags().StringVar(&file, "file", "", "a file with a key (nsec or hex)")
	c.Flags().StringVar(&env, "env", "", "an environment variable with a key")
	return c
}

func (a *app) showIdentities() error {
	file, err := a.load()
	if err != nil {
		return err
	}
	ids, err := a.identities(file)
	if err != nil {
		return err
	}
	for _, id := range file.Identities {
		if err := a.showKey(id.Name+" ", ids[id.Name].Signer.PublicKey()); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) showKey(label, pubkey string) error {
	npub, err := reference.Npub(pubkey)
	if err != nil {
		return failed(err)
	}
	printLine(a.Out, "%s%s %s", label, npub, pubkey)
	return nil
}

func (a *app) keyEncrypt() *cobra.Command {
	var in, out string
	c := &cobra.Command{
		Use:   "encrypt",
		Short: "Lock a key with a passphrase (NIP-49)",
		Long: "Lock a key with a passphrase. The passphrase is asked for on a terminal, else it is the first line\n" +
			"of the input.",
		Example: "  rhea key encrypt --file bot.key --out bot.ncryptsec",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if in == "" {
				return usage("--file is required: the file with the key to lock")
			}
			text, err := os.ReadFile(in)
			if err != nil {
				return failed(err)
			}
			nsec, err := key.ParseSecret(strings.TrimSpace(string(text)))
			if err != nil {
				return failed(fmt.Errorf("%s: %w", in, err))
			}
			locked, err := a.lock(nsec)
			if err != nil {
				return failed(err)
			}
			if out == "" {
				printLine(a.inner.Out, "%s", locked)
				return nil
			}
			return failed(writeSecret(out, locked))
		},
	}
	c.Flags().StringVar(&in, "file", "", "the file with the key (nsec or hex)")
	c.Flags().StringVar(&out, "out", "", "write to this new file instead of the output")
	return c
}

// lock encrypts a key with a passphrase that it asks for.
func (a *app) lock(nsec engine.Secret) (string, error) {
	passphrase, err := a.askSecret("Passphrase: ")
	if err != nil {
		return "", err
	}
	if passphrase.IsZero() {
		return "", errors.New("the passphrase is empty")
	}
	return key.Encrypt(nsec, passphrase)
}

// askSecret reads a line, without showing it when somebody types it.
func (a *app) askSecret(prompt string) (engine.Secret, error) {
	if f, ok := a.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.Err, prompt)
		line, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.Err)
		return engine.NewSecret(string(line)), err
	}
	line, err := bufio.NewReader(io.LimitReader(a.In, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return engine.Secret{}, err
	}
	return engine.NewSecret(strings.TrimRight(line, "\r\n")), nil
}

// writeSecret writes a file that must not exist yet and that only its owner can read.
func writeSecret(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was written", path)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	return errors.Join(err, f.Close())
}
