// What players do, at a rate that does not wait for answers: 90 % reads, 9 % searches, 1 % writes and logins.
import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';

const url = __ENV.URL;
const patches = Number(__ENV.PATCHES);
const password = 'seven knobs at noon';
const words = ['deep bass', 'warm pad', 'acid', 'slow growl', 'son doux', 'filter open', 'whistle'];
const json = { headers: { 'content-type': 'application/json' } };

const wrong = new Counter('wrong_answers');
const unanswered = new Counter('unanswered');
const shed = new Counter('shed');

const rate = (what, name, share) => ({
  executor: 'constant-arrival-rate', exec: what, rate: Math.max(1, Math.round(Number(__ENV[name]) * share)), timeUnit: '1s',
  duration: __ENV.SECONDS + 's', preAllocatedVUs: Number(__ENV.USERS), maxVUs: Number(__ENV.USERS), gracefulStop: '10s',
});

const scenarios = {};
if (__ENV.RATE) Object.assign(scenarios, {
  reading: rate('reading', 'RATE', 0.9), searching: rate('searching', 'RATE', 0.09),
  writing: rate('writing', 'RATE', 0.008), entering: rate('entering', 'RATE', 0.002),
});
if (__ENV.FLOOD) scenarios.flooding = rate('flooding', 'FLOOD', 1);
if (__ENV.OVERLOAD) scenarios.overloading = rate('overloading', 'OVERLOAD', 1);

export const options = {
  scenarios, discardResponseBodies: false, noCookiesReset: true,
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max', 'count'],
};

// The visitor logs in again and again, which ends the oldest sessions of theirs: another person writes.
export function setup() {
  for (const username of ['loader', 'visitor'])
    http.post(`${url}/api/users/create`, JSON.stringify({ username, email: `${username}@example.com`, password }), json);
  return http.post(`${url}/api/auth/login`, JSON.stringify({ username: 'loader', password }), json).json('access_token');
}

// 503 with Retry-After is a refusal; anything else but the expected answer is wrong.
function judge(answer, right) {
  if (answer.status === 0) return unanswered.add(1);
  if (answer.status === 503 && answer.headers['Retry-After']) return shed.add(1);
  if (!check(answer, { right })) wrong.add(1);
}

const some = (list) => list[Math.floor(Math.random() * list.length)];

function one() {
  const id = 1 + Math.floor(Math.random() * patches);
  const answer = http.get(`${url}/api/patches/${id}`);
  judge(answer, (got) => got.status === 200 && got.json('id') === id);
  return answer;
}

export function reading() {
  if (Math.random() < 0.6) return one();
  judge(http.get(`${url}/api/patches/latest?limit=20`), (got) => got.status === 200 && got.json('patches').length === 20);
}

export function searching() {
  const sought = `${url}/api/patches/search?q=${encodeURIComponent(some(words))}&cutoff.min=${Math.floor(Math.random() * 60)}`;
  judge(http.get(sought), (got) => got.status === 200 && got.json('total') >= 0);
}

export function writing(token) {
  const sent = { headers: { ...json.headers, authorization: `Bearer ${token}` } };
  judge(http.post(`${url}/api/patches`, JSON.stringify({ title: 'Under load' }), sent), (got) => got.status === 201);
}

export function entering() {
  const person = JSON.stringify({ username: 'visitor', password });
  judge(http.post(`${url}/api/auth/login`, person, json), (got) => got.status === 200 || got.status === 429);
}

// As many addresses as clients, each trying about as often as the rate limit of an address lets it.
export function flooding() {
  const person = JSON.stringify({ username: `nobody${Math.floor(Math.random() * 1e6)}`, password });
  const from = `198.18.${exec.vu.idInTest >> 8}.${exec.vu.idInTest & 255}`;
  const sent = { headers: { ...json.headers, 'x-forwarded-for': from } };
  judge(http.post(`${url}/api/auth/login`, person, sent), (got) => got.status === 401 || got.status === 429);
}

// Reads as of now, each of which costs calls of DynamoDB.
export function overloading(token) {
  const sent = { headers: { authorization: `Bearer ${token}` } };
  judge(http.get(`${url}/api/patches/my?limit=5`, sent), (got) => got.status === 200 && got.json('patches').length <= 5);
}
