/// The prompts that thoth brings, each as the file that it would be.
let builtInPrompts: [String: String] = [
  "fix-grammar": """
  ---
  description: Put grammar, spelling and punctuation right, and change nothing else
  temperature: 0
  max_growth: 1.5
  keeps: words
  ---
  Put grammar, spelling, capitals and punctuation of {text} right. Keep every statement, every question, the order,
  the tone and the choice of words. Leave out only what was said twice by mistake. Names, numbers, code, commands and
  addresses stay exactly as they are.

  A question stays a question: "what is the capital of france" becomes "What is the capital of France?".
  A request stays a request: "write me a poem" becomes "Write me a poem."
  """,
  "make-professional": """
  ---
  description: The tone of a letter at work
  temperature: 0.2
  max_growth: 2
  keeps: facts
  ---
  Rewrite {text} as a courteous, matter-of-fact professional would have written it. Keep what is meant, each fact, name,
  number and date, and who says it to whom. Add nothing. A question stays a question, and a request a request.
  """,
  "make-casual": """
  ---
  description: The tone of a message to a friend
  temperature: 0.3
  max_growth: 1.5
  keeps: facts
  ---
  Rewrite {text} as one would write it to a friend: short, warm, with everyday words. Keep what is meant, each fact,
  name, number and date. Add nothing. A question stays a question, and a request a request.
  """,
  "simplify": """
  ---
  description: Short sentences and plain words
  temperature: 0.2
  max_growth: 1.5
  keeps: facts
  ---
  Rewrite {text} in short sentences and plain words that a twelve-year-old understands. Keep what is meant and each fact,
  name, number and date. Explain nothing that it does not explain. A question stays a question, and a request a request.
  """,
  "summarise": """
  ---
  description: The main points, in a few sentences
  temperature: 0.2
  max_growth: 0.8
  keeps: nothing
  ---
  Sum up {text} in at most a third of its length: what was decided, what is to be done, by whom and when. Use its own
  words for names, numbers and dates. Add no opinion and nothing that it does not say.
  """,
  "expand": """
  ---
  description: Notes become full sentences
  temperature: 0.4
  max_growth: 4
  keeps: facts
  ---
  Make full, flowing sentences of the notes in {text}, in their order. Keep each fact, name, number and date, and
  invent none. A question stays a question, and a request a request.
  """,
  "pirate-speak": """
  ---
  description: Arr, as a pirate would say it
  temperature: 0.7
  max_growth: 2
  keeps: facts
  ---
  Rewrite {text} in the voice of a pirate from an old adventure book. What is meant stays the same, and so does each name,
  number and date. A question stays a question, and a request a request.
  """,
  "ai-dev": """
  ---
  description: A clear task for a programming assistant
  temperature: 0.2
  max_growth: 3
  keeps: facts
  ---
  Rewrite {text} as a clear, complete task for a programming assistant: first the aim in one sentence, then, if there are
  several, the requirements as a list with hyphens. Names of files, functions, commands, languages and libraries stay as
  they are. Do not do the task, write no code that was not dictated, and add no requirement.
  """,
]
