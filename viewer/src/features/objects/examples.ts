interface Example {
  text: string;
  code: string;
}

/** What an empty list teaches, by kind. */
export const EXAMPLES: Partial<Record<string, Example>> = {
  "": {
    text: "Publish a dataset, a model, a prompt or any value. Each change becomes a version that can be fetched and compared.",
    code: `dataset = weavelite.Dataset(name="tickets", rows=rows)
weavelite.publish(dataset)`,
  },
  Prompt: {
    text: "A prompt that is published has versions: which one an answer came from is known, and what changed between two is shown here word by word.",
    code: `prompt = weavelite.StringPrompt("Answer in {language}, in one sentence.")
weavelite.publish(prompt, name="answer-prompt")`,
  },
  Dataset: {
    text: "Rows to evaluate with. Publish them from Python, or press “New dataset” and paste them from a spreadsheet.",
    code: `weavelite.publish(weavelite.Dataset(name="tickets", rows=[
    {"question": "Where is my refund?", "expected": "billing"},
]))`,
  },
  Model: {
    text: "A model is what you change and evaluate: its fields and the code of its ops make a version.",
    code: `class Classifier(weavelite.Model):
    prompt: str

    @weavelite.op
    def predict(self, question: str) -> str: ...`,
  },
  Scorer: {
    text: "A scorer says how good an answer is. A plain op can score as well, and is then listed with the ops.",
    code: `class IsShort(weavelite.Scorer):
    most: int = 200

    @weavelite.op
    def score(self, output: str) -> bool:
        return len(output) <= self.most`,
  },
  Evaluation: {
    text: "An evaluation is a dataset with scorers. Its runs are on the page of evaluations.",
    code: `evaluation = weavelite.Evaluation(dataset=rows, scorers=[exact_match])
asyncio.run(evaluation.evaluate(answer))`,
  },
};
