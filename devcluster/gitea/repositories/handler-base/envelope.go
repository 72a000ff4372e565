// Package handlerbase holds what every handler needs.
package handlerbase

import "encoding/json"

// Envelope is what travels on every subject.
type Envelope struct {
	RequestID string          `json:"request_id"`
	Payload   json.RawMessage `json:"payload"`
}

// Decode reads an envelope.
func Decode(data []byte) (Envelope, error) {
	var envelope Envelope
	err := json.Unmarshal(data, &envelope)
	return envelope, err
}
