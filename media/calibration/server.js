const express = require('express');
const { randomUUID } = require('node:crypto');

const app = express();
app.use(express.json());

const notes = new Map();

function requireNote(request, response, next) {
  const note = notes.get(request.params.id);
  if (!note) {
    response.status(404).json({ error: 'There is no such note.' });
    return;
  }
  request.note = note;
  next();
}

app.get('/notes', (request, response) => {
  const { tag, limit = '20' } = request.query;
  const all = [...notes.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  const matching = tag ? all.filter((note) => note.tags.includes(tag)) : all;
  response.json(matching.slice(0, Number(limit)));
});

app.post('/notes', (request, response) => {
  const { title, body = '', tags = [] } = request.body;
  if (typeof title !== 'string' || title.trim() === '') {
    return response.status(400).json({ error: 'A note needs a title.' });
  }
  const note = { id: randomUUID(), title: title.trim(), body, tags, updatedAt: Date.now() };
  notes.set(note.id, note);
  return response.status(201).json(note);
});

app.get('/notes/:id', requireNote, (request, response) => {
  response.json(request.note);
});

app.patch('/notes/:id', requireNote, (request, response) => {
  const { title, body, tags } = request.body;
  Object.assign(request.note, {
    title: title ?? request.note.title,
    body: body ?? request.note.body,
    tags: tags ?? request.note.tags,
    updatedAt: Date.now(),
  });
  response.json(request.note);
});

app.delete('/notes/:id', requireNote, (request, response) => {
  notes.delete(request.note.id);
  response.sendStatus(204);
});

app.use((error, request, response, next) => {
  console.error(error);
  response.status(500).json({ error: 'Something went wrong.' });
});

const port = process.env.PORT || 3000;
app.listen(port, () => {
  console.log(`Listening on http://localhost:${port}`);
});
