package actions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"rhea/engine"
)

// LogConfig is the configuration of the action log.
type LogConfig struct {
	// Message is the line to write.
	Message engine.Text `yaml:"message"`
	// Level is debug, info, warn or error.
	Level string `yaml:"level" enum:"debug,info,warn,error"`
}

type logLine struct {
	message engine.Text
	level   slog.Level
}

var _ engine.Action = (*logLine)(nil)

// logKind is the action that writes a line into the log.
func logKind() engine.ActionKind {
	return engine.NewActionKind("log", LogConfig{Level: "info"}, newLog).Silently()
}

func newLog(c LogConfig) (engine.Action, error) {
	var mistakes []error
	if c.Message.IsZero() {
		mistakes = append(mistakes, engine.Required("message"))
	}
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[c.Level]
	if !ok {
		mistakes = append(mistakes, engine.At("level", fmt.Errorf("%s is not debug, info, warn or error", shown(c.Level))))
	}
	return &logLine{c.Message, level}, errors.Join(mistakes...)
}

// Act writes the line, without the secret keys that may stand in it.
func (l *logLine) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	message, err := l.message.Eval(run.Data)
	if err != nil {
		return engine.Result{}, fmt.Errorf("message: %w", err)
	}
	message = run.Secrets.Redact(message)
	run.Log.Log(ctx, l.level, message)
	return engine.Result{Output: map[string]any{"message": message}, Note: message}, nil
}
