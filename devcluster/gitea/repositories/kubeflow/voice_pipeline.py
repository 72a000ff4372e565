# mypy: ignore-errors
"""Speech to text, a language model, text to speech, as one pipeline."""

from kfp import compiler, dsl

IMAGE = "git.daviestechlabs.io/daviestechlabs/voice-steps:2.1.0"


@dsl.container_component
def voice_step(stage: str) -> dsl.ContainerSpec:
    """Run one stage of the conversation."""
    return dsl.ContainerSpec(image=IMAGE, command=["voice-step"], args=[stage])


@dsl.pipeline(name="voice")
def voice_pipeline() -> None:
    """Answer a recorded question with a recording."""
    transcribe = voice_step(stage="transcribe")
    answer = voice_step(stage="answer").after(transcribe)
    voice_step(stage="speak").after(answer)


if __name__ == "__main__":
    compiler.Compiler().compile(voice_pipeline, "voice_pipeline.yaml")
