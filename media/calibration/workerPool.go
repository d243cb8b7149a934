package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrClosed is returned by Submit after Close.
var ErrClosed = errors.New("pool is closed")

// Job does some work and returns an error when it could not.
type Job func(ctx context.Context) error

// Pool runs jobs on a fixed number of goroutines.
type Pool struct {
	jobs    chan Job
	results chan error
	wg      sync.WaitGroup
	mu      sync.Mutex
	closed  bool
}

// New starts a pool of the given size.
func New(ctx context.Context, size int) *Pool {
	p := &Pool{
		jobs:    make(chan Job),
		results: make(chan error, size),
	}
	for i := 0; i < size; i++ {
		p.wg.Add(1)
		go p.work(ctx, i)
	}
	return p
}

func (p *Pool) work(ctx context.Context, id int) {
	defer p.wg.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case job, ok := <-p.jobs:
			if !ok {
				return
			}
			start := time.Now()
			if err := job(ctx); err != nil {
				p.results <- fmt.Errorf("worker %d after %s: %w", id, time.Since(start), err)
				continue
			}
			p.results <- nil
		}
	}
}

// Submit waits until a worker is free.
func (p *Pool) Submit(ctx context.Context, job Job) error {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return ErrClosed
	}
	select {
	case p.jobs <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close lets running jobs finish and stops the workers.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	close(p.jobs)
	p.wg.Wait()
	close(p.results)
}
