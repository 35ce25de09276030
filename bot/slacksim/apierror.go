package slacksim

import (
	"time"
)

// invalidArguments is a refusal that says what is wrong, as in the examples of
// https://docs.slack.dev/reference/methods/views.open.
func invalidArguments(message string) *apiError {
	return &apiError{code: "invalid_arguments", more: map[string]any{
		"response_metadata": map[string]any{"messages": []string{"[ERROR] " + message}},
	}}
}

// apiError is a refusal: {"ok":false,"error":code} with HTTP 200, or 429.
type apiError struct {
	code       string
	more       map[string]any // further members of the answer
	retryAfter time.Duration
}

func refuse(code string) *apiError { return &apiError{code: code} }
