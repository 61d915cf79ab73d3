// Keeps the page on the device: it then opens without a network. A new version takes over at once.
const PREFIX = "imgcls " + registration.scope + " ";
const CACHE = PREFIX + "$version";

addEventListener("install", (event) => {
  const kept = caches.open(CACHE).then((cache) => cache.addAll(["./", "manifest.webmanifest"]));
  event.waitUntil(kept.then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const former = (name) => name.startsWith(PREFIX) && name !== CACHE;
  const cleared = caches
    .keys()
    .then((names) => Promise.all(names.filter(former).map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const kept = caches.match(event.request, { ignoreSearch: true });
  event.respondWith(kept.then((found) => found ?? fetch(event.request)));
});
