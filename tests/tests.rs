mod synopsis;
