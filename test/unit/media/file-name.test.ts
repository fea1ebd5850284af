import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContentType, contentTypes } from '../../../src/media/content-type.ts'
import { cleanFileName } from '../../../src/media/file-name.ts'

const jpeg = (name: string) => cleanFileName(name, 'image/jpeg')

describe('cleaning a file name', () => {
  it.each([
    // What people send.
    ['photo.jpg', 'photo.jpg'],
    ['photo.jpeg', 'photo.jpeg'],
    ['PHOTO.JPG', 'PHOTO.jpg'],
    ['my holiday.jpg', 'my holiday.jpg'],
    ['my.holiday.2026.jpg', 'my.holiday.2026.jpg'],
    ['Fuchs im Schnee – Dämmerung.jpg', 'Fuchs im Schnee – Dämmerung.jpg'],
    ['狐狸.jpg', '狐狸.jpg'],
    ['🦊.jpg', '🦊.jpg'],
    ['👨‍👩‍👧.jpg', '👨‍👩‍👧.jpg'],
    ['می‌خواهم.jpg', 'می‌خواهم.jpg'],
    ['100%.jpg', '100%.jpg'],
    ['a+b (1) [2] {3}.jpg', 'a+b (1) [2] {3}.jpg'],
    ["it's.jpg", "it's.jpg"],
    ['-rf.jpg', '-rf.jpg'],
    // Extensions that do not agree with the content.
    ['photo', 'photo.jpg'],
    ['photo.png', 'photo.jpg'],
    ['photo.HEIC', 'photo.jpg'],
    ['clip.mp4', 'clip.jpg'],
    ['notes.txt', 'notes.jpg'],
    ['photo.', 'photo.jpg'],
    ['photo..jpg', 'photo.jpg'],
    ['photo.jpg.exe', 'photo.jpg.exe.jpg'],
    ['page.html', 'page.html.jpg'],
    ['shell.php', 'shell.php.jpg'],
    ['v1.2', 'v1.2.jpg'],
    ['.jpg', 'file.jpg'],
    // Nothing left.
    ['', 'file.jpg'],
    [' ', 'file.jpg'],
    ['.', 'file.jpg'],
    ['..', 'file.jpg'],
    ['...', 'file.jpg'],
    ['/', 'file.jpg'],
    ['\\', 'file.jpg'],
    ['////', 'file.jpg'],
    ['\0', 'file.jpg'],
    ['\u202e', 'file.jpg'],
    // Paths.
    ['../photo.jpg', 'photo.jpg'],
    ['../../../../etc/passwd', 'passwd.jpg'],
    ['/etc/passwd', 'passwd.jpg'],
    ['a/b/c.jpg', 'c.jpg'],
    ['a/b/', 'file.jpg'],
    ['a/..', 'file.jpg'],
    ['C:\\Users\\me\\photo.jpg', 'photo.jpg'],
    ['..\\..\\windows\\win.ini', 'win.ini.jpg'],
    ['\\\\server\\share\\photo.jpg', 'photo.jpg'],
    ['C:photo.jpg', 'C_photo.jpg'],
    ['photo.jpg:stream', 'photo.jpg_stream.jpg'],
    ['file:///etc/passwd', 'passwd.jpg'],
    ['..%2fphoto.jpg', 'photo.jpg'],
    ['..%2Fphoto.jpg', 'photo.jpg'],
    ['..%5cphoto.jpg', 'photo.jpg'],
    ['..%252fphoto.jpg', 'photo.jpg'],
    ['..%25252fphoto.jpg', 'photo.jpg'],
    ['%2e%2e%2fphoto.jpg', 'photo.jpg'],
    ['..%00/photo.jpg', 'photo.jpg'],
    ['.%2f.\u0000%2fphoto.jpg', 'photo.jpg'],
    ['%2\u0000fphoto.jpg', 'photo.jpg'],
    // Hidden files.
    ['.htaccess', 'htaccess.jpg'],
    ['.env', 'env.jpg'],
    ['...photo.jpg', 'photo.jpg'],
    ['. .photo.jpg', 'photo.jpg'],
    // Characters that cannot be seen.
    ['photo\0.jpg', 'photo.jpg'],
    ['photo.php\0.jpg', 'photo.php.jpg'],
    ['photo%00.jpg', 'photo.jpg'],
    ['photo%2500.jpg', 'photo.jpg'],
    ['pho\nto.jpg', 'photo.jpg'],
    ['photo.jpg\r\nSet-Cookie: a=b', 'photo.jpgSet-Cookie_ a=b.jpg'],
    ['pho\tto.jpg', 'photo.jpg'],
    ['pho\u001b[31mto.jpg', 'pho[31mto.jpg'],
    ['pho\u007fto.jpg', 'photo.jpg'],
    ['pho\u0085to.jpg', 'photo.jpg'],
    ['pho\u2028to.jpg', 'photo.jpg'],
    ['evil\u202egpj.exe', 'evilgpj.exe.jpg'],
    ['a\u2066b\u2069.jpg', 'ab.jpg'],
    ['a\u200fb\u061c.jpg', 'ab.jpg'],
    ['a\u200bb\ufeff.jpg', 'ab.jpg'],
    ['a\u{e0041}\u{e0042}.jpg', 'a.jpg'],
    ['a\ud800b.jpg', 'ab.jpg'],
    ['a\ufffeb.jpg', 'ab.jpg'],
    ['a  \u00a0 b.jpg', 'a b.jpg'],
    // One way of writing one name.
    ['cafe\u0301.jpg', 'caf\u00e9.jpg'],
    ['a\u037eb.jpg', 'a_b.jpg'],
    ['a\u1fefb.jpg', 'a_b.jpg'],
    // What Windows and shells read as something else.
    ['CON', '_CON.jpg'],
    ['con.jpg', '_con.jpg'],
    ['aux.h264.jpg', '_aux.h264.jpg'],
    ['NUL.txt', '_NUL.jpg'],
    ['COM1.jpg', '_COM1.jpg'],
    ['lpt9', '_lpt9.jpg'],
    ['COM\u00b9.jpg', '_COM\u00b9.jpg'],
    ['console.jpg', 'console.jpg'],
    ['com10.jpg', 'com10.jpg'],
    ['a<b>c:d"e|f?g*.jpg', 'a_b_c_d_e_f_g_.jpg'],
    ['$(id).jpg', '_(id).jpg'],
    ['`id`;ls.jpg', '_id__ls.jpg'],
    ['photo.jpg.', 'photo.jpg'],
    ['photo. . .', 'photo.jpg'],
  ])('makes %j into %j', (name, clean) => expect(jpeg(name)).toBe(clean))

  it.each<[ContentType, string]>([
    ['video/mp4', 'a.mp4'],
    ['video/quicktime', 'a.mov'],
    ['video/x-matroska', 'a.mkv'],
    ['audio/mp4', 'a.m4a'],
    ['image/heic', 'a.heic'],
    ['text/plain', 'a.txt'],
  ])('gives a file of %s the extension %s', (contentType, name) => {
    expect(cleanFileName('a.avi', contentType)).toBe(name)
  })

  it.each([
    ['letters', 'x'.repeat(10_000)],
    ['wide characters', '狐'.repeat(1_000)],
    ['families', '👨‍👩‍👧‍👦'.repeat(100)],
    ['accents', `a${'\u0301'.repeat(2_000)}`],
    ['extensions', 'a.'.repeat(5_000)],
    ['spaces', `${' '.repeat(100_000)}x.jpg`],
    ['dots', `${'. '.repeat(50_000)}x.jpg`],
    ['percent signs', `${'%25'.repeat(40_000)}2fx.jpg`],
  ])('keeps a name of very many %s within 255 bytes', (_, name) => {
    const clean = jpeg(name)
    expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(255)
    expect(clean).toMatch(/^[^ .].*\.jpg$/u)
    expect(clean.isWellFormed()).toBe(true)
  })

  it('keeps the end of a very long path', () => {
    expect(jpeg(`${'a/'.repeat(10_000)}photo.jpg`)).toBe('photo.jpg')
  })

  it('always gives a name that is safe, fits its type, and stays as it is when cleaned again', () => {
    const types = Object.keys(contentTypes) as ContentType[]
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(fc.constantFrom('..', '/', '\\', '%2f', '%25', '\0', '\u202e', 'con', '.jpg', ' ', 'é', '🦊'))
        .map((all) => all.join('')),
    )
    fc.assert(
      fc.property(names, fc.constantFrom(...types), (name, contentType) => {
        const clean = cleanFileName(name, contentType)
        expect(clean).not.toMatch(/[/\\\p{Cc}\u202a-\u202e\u2066-\u2069<>:"|?*]/u)
        expect(clean).toMatch(/^[^.\s]/u)
        expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(255)
        expect(contentTypes[contentType].extensions).toContain(clean.slice(clean.lastIndexOf('.') + 1))
        expect(cleanFileName(clean, contentType)).toBe(clean)
      }),
      { numRuns: 2000 },
    )
  })
})
