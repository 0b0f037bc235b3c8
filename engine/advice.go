package engine

// Adviser is the configuration of a kind that knows what is allowed and probably not meant. Its advice is shown as
// warnings, each at its key if [At] names one; several pieces are joined with [errors.Join].
type Adviser interface{ Advise() error }

// Advice is something that is allowed and probably not meant.
type Advice struct {
	// Code is a short name for this sort of advice, in kebab case.
	Code string
	// Message says what is odd, Hint what to do about it.
	Message, Hint string
}

func (a *Advice) Error() string { return a.Message }
